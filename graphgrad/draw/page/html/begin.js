// Start the page: enable the controls, add sliders and listeners, and show the last step.

function begin() {
    for (const id of ["transport", "panel", "all"]) byId(id).hidden = false;
    svg.setAttribute("role", "application");
    svg.setAttribute("aria-roledescription", "computational graph");
    svg.setAttribute("aria-describedby", "keys");
    svg.querySelectorAll("title, desc").forEach((each) => each.remove());
    svg.style.setProperty("--width", svg.viewBox.baseVal.width);
    follow();
    compute();
    addItems();
    svg.addEventListener("keydown", onGraphKey);
    svg.addEventListener("click", () => pick(null));
    document.addEventListener("keydown", onKey);
    const isMovable = ({ node, value }) => PASSES && node !== null && value !== null;
    const shows = inputs.map((input, i) => (isMovable(input) ? addSlider(input, i) : () => {}));
    byId("inputs").hidden = inputs.length === 0;
    byId("reset").hidden = !inputs.some(isMovable);
    byId("reset").addEventListener("click", () => {
        point = inputs.map((input) => input.value);
        moved(FACTS.texts);
        shows.forEach((show) => show());
    });
    byId("all").addEventListener("toggle", tabulate);
    byId("scrub").max = steps.length - 1;
    byId("scrub").addEventListener("input", () => stepBy(Number(byId("scrub").value)));
    byId("first").addEventListener("click", () => stepBy(0));
    byId("back").addEventListener("click", () => stepBy(step - 1));
    byId("forth").addEventListener("click", () => stepBy(step + 1));
    byId("last").addEventListener("click", () => stepBy(steps.length - 1));
    byId("play").addEventListener("click", play);
    refresh();
    describe();
    go(step);
    speak("");
    fitFrame();
}

begin();
