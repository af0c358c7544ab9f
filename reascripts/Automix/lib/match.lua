-- @noindex
-- The action that matches the stems of a project to a reference: what is asked first, and when it
-- makes no sense.

local guard = require("guard")
local menu = require("match_menu")
local progress = require("progress")
local run = require("run")
local running = require("running")
local speak = require("speak")
local strips = require("strips")
local wishes = require("match_wishes")

local match = {}

--- Why a match makes no sense now, as a sentence.
local function refusal(project)
  return run.refusal(project) or not strips.place() and strips.MISSING or nil
end

local function start(project, reference)
  if running.is(project) then
    return speak.tell(run.BUSY) -- one began while the menu was open
  end
  speak.announce("Matching")
  run.set_out({
    project = project,
    scope = { kind = "all" },
    reference = reference,
    wishes = wishes.read(project),
    progress = progress.new(project),
    steps = require("match_course").match,
    arrive = function(outcome)
      run.show(project, outcome)
    end,
  })
end

--- The action.
function match.ask()
  guard.no_undo_point()
  local project = reaper.EnumProjects(-1)
  local sentence = refusal(project)
  if sentence then
    return speak.tell(sentence)
  end
  menu.open(project, function(reference)
    start(project, reference)
  end)
end

return match
