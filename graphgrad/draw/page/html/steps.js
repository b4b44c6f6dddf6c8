// Go through the steps: play, scrub, one forward, one back.

let timer = null;
const PAUSE = 1400;

function go(to) {
    step = Math.max(0, Math.min(steps.length - 1, to));
    reveal();
    const scrub = byId("scrub");
    scrub.value = step;
    scrub.classList.toggle("backward", isBackward(step));
    scrub.setAttribute("aria-valuetext", plain(stepLine(step)));
    write(byId("step-line"), stepLine(step));
    speak(plain(stepLine(step)));
    for (const id of ["first", "back"]) byId(id).disabled = step === 0;
    for (const id of ["forth", "last"]) byId(id).disabled = step === steps.length - 1;
}

function play() {
    if (timer) {
        pause();
        return;
    }
    go(step === steps.length - 1 ? 0 : step + 1);
    timer = setInterval(() => {
        go(step + 1);
        if (step === steps.length - 1) pause();
    }, PAUSE);
    playing(true);
}

function pause() {
    clearInterval(timer);
    timer = null;
    playing(false);
}

function playing(is) {
    const button = byId("play");
    button.classList.toggle("playing", is);
    button.setAttribute("aria-label", is ? "Pause" : "Play");
    button.querySelector("span").textContent = is ? "Pause" : "Play";
}

function stepBy(to) {
    pause();
    go(to);
}

const BY_KEY = { ArrowRight: 1, ArrowLeft: -1 };

function onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.closest("input[type=text], button, summary")) return;
    if (event.key === " ") {
        event.preventDefault();
        play();
    }
    if (event.target === document.body && event.key in BY_KEY) stepBy(step + BY_KEY[event.key]);
}
