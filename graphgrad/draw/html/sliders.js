// Sliders, and all that follows when one moves.

const SIDE = 100;

function nice(size) {
    const power = 10 ** Math.floor(Math.log10(size));
    return [1, 2, 5, 10].find((factor) => factor * power >= size * 0.999) * power;
}

function addSlider(input, i) {
    const row = document.createElement("div");
    row.className = "slider";
    const unit = nice((Math.abs(input.value) || 1) / 50);
    const [head, body] = [element("div", "", "line"), element("div", "", "line")];
    const name = element("label", input.name);
    const slider = Object.assign(document.createElement("input"), { type: "range", min: -SIDE, max: SIDE, step: 1, id: `slider-${i}` });
    const field = Object.assign(document.createElement("input"), { type: "text", inputMode: "decimal", autocomplete: "off", id: `field-${i}` });
    const result = element("span", "", "adjoint");
    name.htmlFor = slider.id;
    field.setAttribute("aria-label", `${input.name}, as a number`);
    result.id = `gradient-${i}`;
    head.append(name, result);
    body.append(slider, field);
    row.append(head, body);
    byId("sliders").append(row);
    const show = (typed) => {
        slider.value = Math.round((point[i] - input.value) / unit);
        slider.setAttribute("aria-valuetext", `${input.name} = ${shown(point[i])}`);
        if (!typed) field.value = String(point[i]);
        field.removeAttribute("aria-invalid");
    };
    slider.addEventListener("input", () => {
        point[i] = Number((input.value + slider.value * unit).toPrecision(12));
        show();
        moved();
    });
    field.addEventListener("input", () => {
        const text = field.value.trim().replace("−", "-");
        if (text === "" || !isFinite(Number(text))) {
            field.setAttribute("aria-invalid", "true");
            return;
        }
        point[i] = Number(text);
        show(true);
        moved();
    });
    show();
    return show;
}

function moved() {
    texts = null;
    refresh();
    describeAtRest();
}

function refresh() {
    compute();
    relabel();
    reveal();
    look();
    const wrong = faults();
    notice([...wrong, ...overflows()]);
    nodes.forEach((_, i) => boxesOf(i).forEach((box) => mark(box, { fault: wrong.some(({ node }) => node === i) })));
    byId("told").textContent = stepLine(step);
    byId("scrub").setAttribute("aria-valuetext", stepLine(step));
    summarize();
    tabulate();
}

const describe = () => items.forEach((item) => item.target.setAttribute("aria-label", described(item)));
let describing = null;

// Names nodes and edges anew, and says what came out, once the numbers have come to rest.
function describeAtRest() {
    clearTimeout(describing);
    describing = setTimeout(() => {
        describe();
        speak(byId("summary").textContent);
    }, 400);
}

const speak = (text) => (byId("spoken").textContent = text);

function notice(found) {
    const list = byId("notices");
    const told = found.map(({ text }) => text);
    if ([...list.children].map((item) => item.textContent).join("\n") === told.join("\n")) return;
    list.replaceChildren(...told.map((text) => element("li", text)));
}

function summarize() {
    const gradient = inputs.filter((input) => input.wanted && steps.some(({ kind }) => kind === "start"));
    const slope = (input) => (input.node === null || !nodes[input.node].adjoint ? "0" : adjoint(input.node));
    const partial = (input) => `${derivative(FACTS.outputName, input.name)} = ${slope(input)}`;
    const summary = byId("summary");
    const parts = [element("strong", chain(FACTS.outputName || "output", value(FACTS.output)))];
    gradient.forEach((input) => parts.push(element("span", partial(input), "adjoint")));
    summary.replaceChildren(...parts.flatMap((part, i) => (i ? [" \u2002 ", part] : [part])));
    inputs.forEach((input, i) => {
        const result = byId(`gradient-${i}`);
        if (result) {
            result.textContent = gradient.includes(input) ? partial(input) : "";
        }
    });
}

function tabulate() {
    if (!byId("all").open) return;
    const rows = (id, cells) => byId(id).tBodies[0].replaceChildren(...cells.map((texts) => {
        const row = document.createElement("tr");
        const [first, ...rest] = texts;
        const head = element("th", first);
        head.scope = "row";
        row.append(head, ...rest.map((text, i) => element("td", text, i > 0 ? "number" : "")));
        return row;
    }));
    rows("node-table", nodes.map((node, i) => [symbol(i), node.words, value(i), node.adjoint ? adjoint(i) : ""]));
    rows("edge-table", edges.flatMap((edge, i) => (edge.back === null ? [] : [[edgeName(i), edge.formula, number("partials", i), flow(i)]])));
}
