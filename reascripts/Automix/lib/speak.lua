-- @noindex
-- Words for the user: read out by OSARA where it is installed, else a line in the console.

local speak = {}

--- Lets a screen reader say the text; nothing where there is none.
function speak.announce(text)
  if reaper.osara_outputMessage then
    reaper.osara_outputMessage(text)
  end
end

--- Tells the user one sentence where no window is open to show it.
function speak.tell(text)
  reaper.ShowConsoleMsg(text .. "\n")
  speak.announce(text)
end

return speak
