// Sliders, and the updates when one moves.

const SIDE = 100;

function nice(size) {
    const power = 10 ** Math.floor(Math.log10(size));
    return [1, 2, 5, 10].find((factor) => factor * power >= size * 0.999) * power;
}

// Adds an input's slider and field, and returns the function that shows its value in them.
function addSlider(input, i) {
    const unit = nice((Math.abs(input.value) || 1) / 50);
    const slider = control({ type: "range", min: -SIDE, max: SIDE, step: 1, id: `slider-${i}` });
    const field = control({
        type: "text",
        inputMode: "decimal",
        autocomplete: "off",
        ariaLabel: `${input.name}, as a number`,
    });
    const name = Object.assign(element("label", input.symbol), { htmlFor: slider.id });
    const result = Object.assign(element("span", "", "adjoint"), { id: `gradient-${i}` });
    byId("sliders").append(row("slider", row("line", name, result), row("line", slider, field)));
    const show = () => {
        slider.value = Math.round((point[i] - input.value) / unit);
        slider.setAttribute("aria-valuetext", asDrawn(`${input.name} = ${shown(point[i])}`));
        if (Number(typed(field)) !== point[i]) field.value = String(point[i]);
        field.removeAttribute("aria-invalid");
    };
    const take = (x) => {
        point[i] = x;
        show();
        moved();
    };
    slider.addEventListener("input", () => take(Number((input.value + slider.value * unit).toPrecision(12))));
    field.addEventListener("input", () => {
        const text = typed(field);
        if (text === "" || !isFinite(Number(text))) field.setAttribute("aria-invalid", "true");
        else take(Number(text));
    });
    show();
    return show;
}

const typed = (field) => field.value.trim().replaceAll("−", "-");
const control = (settings) => Object.assign(document.createElement("input"), settings);

function row(kind, ...parts) {
    const made = element("div", "", kind);
    made.append(...parts);
    return made;
}

function moved(exact = null) {
    texts = exact;
    refresh();
    describeAtRest();
}

function refresh() {
    compute();
    relabel();
    reveal();
    look();
    notice();
    write(byId("step-line"), stepLine(step));
    byId("scrub").setAttribute("aria-valuetext", plain(stepLine(step)));
    summarize();
    tabulate();
}

const describe = () => items.forEach((item) => item.target.setAttribute("aria-label", described(item)));
let describing = null;

// Updates the labels for screen readers and announces the result, once the sliders have stopped.
function describeAtRest() {
    clearTimeout(describing);
    describing = setTimeout(() => {
        describe();
        speak(byId("summary").textContent);
    }, 400);
}

const speak = (text) => (byId("spoken").textContent = text);

function summarize() {
    const isBack = steps.some(({ kind }) => kind === "start");
    const slope = ({ node }) => (node === null || !nodes[node].adjoint ? "0" : adjoint(node));
    const partial = (input) => `${derivative(FACTS.outputName, input.symbol)} = ${slope(input)}`;
    const partials = inputs.map((input) => (isBack && input.wanted ? partial(input) : ""));
    const spans = partials.filter(Boolean).map((text) => element("span", text, "adjoint"));
    const output = element("strong", chain(FACTS.outputName || "output", value(FACTS.output)));
    byId("summary").replaceChildren(output, ...spans.flatMap((part) => [" \u2002 ", part]));
    partials.forEach((text, i) => byId(`gradient-${i}`) && write(byId(`gradient-${i}`), text));
}

function tabulate() {
    if (!byId("all").open) return;
    const ofNode = (node, i) => [symbol(i), node.words, value(i), node.adjoint ? adjoint(i) : ""];
    const ofEdge = (edge) => [edgeName(edge), edges[edge].formula, number("partials", edge), flow(edge)];
    const flowing = [...edges.keys()].filter(canFlow);
    byId("node-table").tBodies[0].replaceChildren(...nodes.map(ofNode).map(tableRow));
    byId("edge-table").tBodies[0].replaceChildren(...flowing.map(ofEdge).map(tableRow));
}

function tableRow([name, formula, ...numbers]) {
    const made = document.createElement("tr");
    const head = Object.assign(element("th", name), { scope: "row" });
    made.append(head, element("td", formula), ...numbers.map((text) => element("td", text, "number")));
    return made;
}
