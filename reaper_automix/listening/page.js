"use strict";
// Leads one listener through the trials: plays, takes grades, keeps them in the browser, saves them.
(() => {
  const $ = (id) => document.getElementById(id);
  const kit = JSON.parse($("data").textContent);
  const place = `automix-listening-${kit.kit}`;
  const RATE_HZ = 48000;
  const MIDDLE = 50;
  const TICK_MS = 100;
  const MINUTES_PER_SOUND = 0.4;

  // Chance: everything that is drawn follows from the seed, which the results carry.

  const random = (seed) => () => {
    // mulberry32
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  const shuffled = (list, draw) => {
    const drawn = [...list];
    for (let last = drawn.length - 1; last > 0; last -= 1) {
      const other = Math.floor(draw() * (last + 1));
      [drawn[last], drawn[other]] = [drawn[other], drawn[last]];
    }
    return drawn;
  };

  // Two trials of one song do not follow each other, unless there is nothing to put in between.
  const follows = (trials) => trials.some((one, at) => at > 0 && one.item === trials[at - 1].item);
  const DRAWS = 100;

  const drawnTrials = (seed) => {
    const draw = random(seed);
    let trials = shuffled(kit.trials, draw);
    for (let count = 0; count < DRAWS && follows(trials); count += 1) {
      trials = shuffled(kit.trials, draw);
    }
    return trials.map((trial) => ({
      ...trial,
      stimuli: shuffled(Object.entries(trial.stimuli), draw).map(([id, sound]) => ({ id, sound })),
    }));
  };

  const drawnNumber = () => crypto.getRandomValues(new Uint32Array(1))[0];

  const wantedSeed = () => {
    const wanted = Number(new URLSearchParams(location.hash.slice(1)).get("seed"));
    return Number.isInteger(wanted) && wanted > 0 ? wanted : drawnNumber();
  };

  // What is kept: the answers so far, and where the listener is.

  const begun = (seed) => ({
    stage: "training",
    at: 0,
    grades: {},
    heard_s: {},
    answers: {
      format: "reaper-automix listening results",
      schema_version: 1,
      kit: kit.kit,
      session: drawnNumber().toString(16).padStart(8, "0"),
      seed,
      listener: $("listener").value.trim(),
      playback: $("playback").value,
      language,
      started: new Date().toISOString(),
      finished: "",
      comment: "",
      trials: [],
    },
  });

  let state = null;
  let trials = [];

  // A browser that keeps nothing still runs the test.
  const keep = () => {
    try {
      localStorage.setItem(place, JSON.stringify(state));
    } catch {
      return;
    }
  };

  const kept = () => {
    try {
      return JSON.parse(localStorage.getItem(place));
    } catch {
      return null;
    }
  };

  const forget = () => {
    try {
      localStorage.removeItem(place);
    } catch {
      return;
    }
  };

  // Words.

  let language = (navigator.language || "").startsWith("zh") ? "zh" : "en";

  const say = (word, filling = {}) =>
    kit.words[language][word].replace(/\{(\w+)\}/g, (_, name) => filling[name]);

  const listed = (names) => names.join(language === "zh" ? "、" : ", ");

  const translate = () => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : language;
    document.title = say("title");
    for (const element of document.querySelectorAll("[data-word]")) {
      element.textContent = say(element.dataset.word);
    }
    for (const element of document.querySelectorAll("[data-label]")) {
      element.setAttribute("aria-label", say(element.dataset.label));
    }
    for (const button of document.querySelectorAll("[data-language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    }
    const sounds = kit.trials.reduce((sum, trial) => sum + Object.keys(trial.stimuli).length, 0);
    const minutes = Math.ceil(sounds * MINUTES_PER_SOUND);
    $("length").textContent = say("length", { trials: kit.trials.length, minutes });
    refresh();
  };

  // Sound: all of a trial's sounds run round together, and one of them is let through.

  let context = null;
  let voices = [];
  let active = 0;
  let running = false;
  let beganAt = 0;
  let countedAt = 0;

  const decoded = (name) => {
    const bytes = Uint8Array.from(atob($(`s${name}`).textContent), (sign) => sign.charCodeAt(0));
    return context.decodeAudioData(bytes.buffer);
  };

  const load = async (names) => {
    halt();
    context ??= new AudioContext({ sampleRate: RATE_HZ });
    voices = [];
    active = 0;
    const buffers = await Promise.all(names.map(decoded));
    voices = buffers.map((buffer) => ({ buffer, heard_s: 0 }));
  };

  const ramp = (gain, level) => {
    const now = context.currentTime;
    gain.cancelScheduledValues(now);
    gain.setValueAtTime(gain.value, now);
    gain.linearRampToValueAtTime(level, now + kit.crossfade_s);
  };

  const count = () => {
    const now = performance.now();
    if (running) voices[active].heard_s += (now - countedAt) / 1000;
    countedAt = now;
  };

  const run = async () => {
    await context.resume();
    if (running || !voices.length) return;
    beganAt = context.currentTime;
    for (const [number, voice] of voices.entries()) {
      voice.gain = new GainNode(context, { gain: 0 });
      voice.source = new AudioBufferSourceNode(context, { buffer: voice.buffer, loop: true });
      voice.source.connect(voice.gain).connect(context.destination);
      voice.source.start(beganAt);
      if (number === active) ramp(voice.gain.gain, 1);
    }
    countedAt = performance.now();
    running = true;
    refresh();
  };

  const halt = () => {
    if (!running) return;
    count();
    running = false;
    for (const voice of voices) {
      ramp(voice.gain.gain, 0);
      voice.source.stop(context.currentTime + 2 * kit.crossfade_s);
    }
  };

  const letThrough = (number) => {
    count();
    if (running && number !== active) {
      ramp(voices[active].gain.gain, 0);
      ramp(voices[number].gain.gain, 1);
    }
    active = number;
  };

  // The board of one trial. Voice 0 is the reference where there is one.

  let slots = [];
  let trial = null;
  let openedAt = 0;
  let toldAsHeard = "";

  const isTraining = () => state.stage === "training";
  const first = () => (trial && trial.reference ? 1 : 0);
  const heard = (number) => voices[number] && voices[number].heard_s >= kit.least_heard_s;
  const partOf = (grade) => kit.grades[Math.min(4, Math.floor(grade / 20))];
  const nameOf = (number) =>
    number < first() ? say("reference_mix") : say("pick", { number: number - first() + 1 });

  const made = (tag, given, ...children) => {
    const element = Object.assign(document.createElement(tag), given);
    element.append(...children);
    return element;
  };

  const slotOf = (stimulus, number) => {
    const button = made("button", { type: "button", className: "pick" });
    const input = made("input", { type: "range", min: 0, max: 100, step: 1, value: MIDDLE });
    const output = made("output", {});
    button.textContent = String(number);
    button.setAttribute("aria-keyshortcuts", String(number));
    output.setAttribute("aria-hidden", "true");
    const row = made("li", {}, button, input, output);
    const slot = { ...stimulus, number, button, input, output, row };
    button.addEventListener("click", () => press(number - 1 + first()));
    input.addEventListener("input", () => grade(slot, Number(input.value)));
    // A grade in the middle is a grade, too: touching the slider is enough.
    input.addEventListener("pointerup", () => grade(slot, Number(input.value)));
    input.addEventListener("focus", () => running && choose(number - 1 + first()));
    return slot;
  };

  const open = async () => {
    trial = isTraining() ? trials[0] : trials[state.at];
    slots = trial.stimuli.map((stimulus, at) => slotOf(stimulus, at + 1));
    $("stimuli").replaceChildren(...slots.map((slot) => slot.row));
    $("trial").classList.toggle("training", isTraining());
    $("reference").hidden = !trial.reference;
    show("trial");
    $("status").textContent = say("loading");
    const sounds = slots.map((slot) => slot.sound);
    try {
      await load(trial.reference ? [trial.reference, ...sounds] : sounds);
    } catch {
      $("alarm").textContent = say("no_sound");
      $("alarm").hidden = false;
      return;
    }
    for (const [number, slot] of slots.entries()) {
      if (isTraining()) break;
      voices[number + first()].heard_s = state.heard_s[slot.id] || 0;
      if (slot.id in state.grades) slot.input.value = state.grades[slot.id];
    }
    openedAt = performance.now();
    $("status").textContent = "";
    refresh();
  };

  const grade = (slot, value) => {
    state.grades[slot.id] = Math.max(0, Math.min(100, value));
    slot.input.value = state.grades[slot.id];
    keep();
    refresh();
  };

  const choose = (number) => {
    if (!voices[number]) return;
    letThrough(number);
    refresh();
  };

  const press = (number) => {
    if (running && number === active) return toggle();
    choose(number);
    $("status").textContent = say("playing", { what: nameOf(number) });
    return run();
  };

  const toggle = () => {
    if (running) {
      halt();
      $("status").textContent = say("stopped");
      refresh();
    } else {
      $("status").textContent = say("playing", { what: nameOf(active) });
      run();
    }
  };

  const missing = () => {
    const numbers = slots.map((slot) => slot.number);
    const unheard = numbers.filter((number) => !heard(number - 1 + first()));
    const ungraded = slots.filter((slot) => !(slot.id in state.grades)).map((slot) => slot.number);
    const found = [];
    if (first() && !heard(0)) found.push(say("still_reference"));
    if (unheard.length) found.push(say("still_to_hear", { numbers: listed(unheard) }));
    if (ungraded.length && !isTraining()) {
      found.push(say("still_to_grade", { numbers: listed(ungraded) }));
    }
    return found;
  };

  const refreshSlot = (slot) => {
    const number = slot.number - 1 + first();
    const graded = slot.id in state.grades && !isTraining();
    const part = graded ? say(partOf(state.grades[slot.id])) : say("ungraded");
    slot.row.classList.toggle("ungraded", !graded);
    slot.row.classList.toggle("active", number === active);
    slot.button.classList.toggle("heard", Boolean(heard(number)));
    slot.button.setAttribute("aria-pressed", String(number === active));
    const name = nameOf(number);
    const label = heard(number) ? name : listed([name, say("unheard")]);
    slot.button.setAttribute("aria-label", label);
    slot.input.setAttribute("aria-label", say("grade", { number: slot.number }));
    const value = graded ? listed([state.grades[slot.id], part]) : part;
    slot.input.setAttribute("aria-valuetext", value);
    slot.output.replaceChildren(
      graded ? String(state.grades[slot.id]) : "–",
      made("small", { textContent: graded ? part : "" }),
    );
  };

  const refresh = () => {
    if (!state || !trial || $("trial").hidden) return;
    const total = trials.length;
    const titled = say("trial", { number: state.at + 1, trials: total });
    $("trial-title").textContent = isTraining() ? say("training") : titled;
    $("question").textContent = isTraining() ? say("training_text") : say("question");
    $("progress").value = state.at / total;
    $("trial").classList.toggle("running", running);
    $("play-word").textContent = say(running ? "stop" : "play");
    $("reference").setAttribute("aria-pressed", String(first() === 1 && active === 0));
    slots.forEach(refreshSlot);
    const last = state.at + 1 === total;
    $("next").textContent = say(isTraining() ? "to_trials" : last ? "finish" : "next");
    const found = missing();
    $("next").setAttribute("aria-disabled", String(found.length > 0));
    if (!found.length) $("missing").classList.remove("urgent");
    if ($("missing").classList.contains("urgent")) tellMissing(found);
    else $("missing").textContent = "";
  };

  const tellMissing = (found) => {
    const text = `${say("missing")} ${found.join(language === "zh" ? "；" : "; ")}`;
    // Setting the same text again would have it read again.
    if ($("missing").textContent !== text) $("missing").textContent = text;
  };

  const tick = () => {
    if (!running) return;
    count();
    const length = voices[active].buffer.duration;
    const at = Math.max(0, context.currentTime - beganAt) % length;
    $("position").value = at / length;
    $("seconds").textContent = `${at.toFixed(1)} / ${length.toFixed(1)} s`;
    for (const [number, slot] of slots.entries()) {
      state.heard_s[slot.id] = isTraining() ? 0 : voices[number + first()].heard_s;
    }
    const known = voices.map((_, number) => heard(number)).join();
    if (known !== toldAsHeard) refresh();
    toldAsHeard = known;
  };

  const goOn = () => {
    count();
    const found = missing();
    if (found.length) {
      $("missing").classList.add("urgent");
      tellMissing(found);
      return;
    }
    halt();
    if (isTraining()) state.stage = "trial";
    else {
      state.answers.trials.push(answerOf());
      state.at += 1;
      if (state.at === trials.length) {
        state.stage = "end";
        state.answers.finished = new Date().toISOString();
      }
    }
    keep();
    enter();
  };

  const rounded = (seconds) => Math.round(seconds * 10) / 10;

  const answerOf = () => ({
    trial: trial.id,
    seconds: rounded((performance.now() - openedAt) / 1000),
    stimuli: slots.map((slot) => ({
      stimulus: slot.id,
      position: slot.number,
      grade: state.grades[slot.id],
      heard_s: rounded(voices[slot.number - 1 + first()].heard_s),
    })),
  });

  // The way through the page.

  const show = (section) => {
    for (const id of ["intro", "trial", "end"]) $(id).hidden = id !== section;
    $("missing").classList.remove("urgent");
    refresh();
    $(`${section}-title`).focus();
    scrollTo(0, 0);
  };

  const enter = () => {
    if (state.stage === "end") show("end");
    else open();
  };

  const start = (from) => {
    state = from;
    trials = drawnTrials(state.answers.seed);
    keep();
    enter();
  };

  const seed = wantedSeed();
  const earlier = kept();

  const save = () => {
    state.answers.comment = $("comment").value.trim();
    keep();
    const text = `${JSON.stringify(state.answers, null, 2)}\n`;
    const file = `listening-${kit.kit}-${state.answers.session}.json`;
    const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    made("a", { href: address, download: file }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    $("saved").textContent = say("saved", { file });
    $("text").value = text;
    $("as-text").hidden = false;
    $("another").hidden = false;
  };

  const onGrade = (event, slot) => {
    const value = slot.id in state.grades ? state.grades[slot.id] : Number(slot.input.value);
    const steps = {
      ArrowUp: value + 1,
      ArrowRight: value + 1,
      ArrowDown: value - 1,
      ArrowLeft: value - 1,
      PageUp: value + 10,
      PageDown: value - 10,
      Home: 0,
      End: 100,
      Enter: value,
    };
    if (!(event.key in steps)) return;
    event.preventDefault();
    grade(slot, steps[event.key]);
  };

  const onKey = (event) => {
    const target = event.target;
    if ($("trial").hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    const slot = slots.find((one) => one.input === target);
    if (slot) onGrade(event, slot);
    if (event.key === " " && !target.closest("button, summary")) {
      event.preventDefault();
      if (!event.repeat) toggle();
    }
    if (!/^[0-9]$/.test(event.key) || event.repeat) return;
    const number = Number(event.key) - 1 + first();
    if (number < 0 || !voices[number]) return;
    event.preventDefault();
    if (!(running && number === active)) press(number);
    const chosen = slots[number - first()];
    if (chosen && !isTraining()) chosen.input.focus();
    else if (chosen) chosen.button.focus();
    else $("reference").focus();
  };

  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      language = button.dataset.language;
      if (state) state.answers.language = language;
      translate();
    });
  }
  $("begin").addEventListener("click", () => start(begun(seed)));
  $("resume").addEventListener("click", () => start(earlier));
  $("play").addEventListener("click", toggle);
  $("reference").addEventListener("click", () => press(0));
  $("next").addEventListener("click", goOn);
  $("save").addEventListener("click", save);
  $("another").addEventListener("click", () => {
    forget();
    location.reload();
  });
  document.addEventListener("keydown", onKey);
  setInterval(tick, TICK_MS);
  if (earlier) {
    $("resume").hidden = false;
    $("begin").classList.remove("main");
    $("begin").dataset.word = "anew";
  }
  translate();
})();
