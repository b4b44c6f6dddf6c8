// Pointer and focus, which move along the graph.

const SVG = "http://www.w3.org/2000/svg";
const items = [];

function addItem(item, target, ...more) {
    const made = { ...item, target };
    target.setAttribute("role", "img");
    target.setAttribute("tabindex", "-1");
    items.push(made);
    target.addEventListener("focus", () => {
        target.setAttribute("aria-label", described(made));
        pick(made);
    });
    for (const each of [target, ...more].filter(Boolean)) {
        each.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && hover(made));
        each.addEventListener("pointerleave", () => hover(null));
        each.addEventListener("click", (event) => {
            event.stopPropagation();
            target.focus({ preventScroll: true });
        });
    }
}

function addItems() {
    const drawing = svg.querySelector("svg > g");
    for (const line of lines.filter((each) => each.edge !== null && each.forward)) {
        const reach = document.createElementNS(SVG, "path");
        reach.setAttribute("d", line.forward.querySelector("path").getAttribute("d"));
        reach.classList.add("reach");
        drawing.insertBefore(reach, group(nodes[0].key) ?? null);
        addItem({ edge: line.edge }, reach, line.forward, line.backward);
    }
    nodes.forEach((_, i) => {
        const [box, ...more] = boxesOf(i);
        const trunks = lines.filter((line) => line.edge === null && line.node === i).flatMap((line) => [line.forward, line.backward]);
        if (box) addItem({ node: i }, ringed(box), ...more, ...trunks);
    });
    firstItem()?.target.setAttribute("tabindex", "0");
}

const firstItem = () => items.find((item) => item.node !== undefined) ?? items[0];

function ringed(box) {
    const { x, y, width, height } = box.getBBox();
    const ring = document.createElementNS(SVG, "rect");
    const places = { x: x - 8, y: y - 5, width: width + 16, height: height + 10, rx: 8 };
    Object.entries(places).forEach(([name, place]) => ring.setAttribute(name, place));
    ring.classList.add("ring");
    box.prepend(ring);
    box.classList.add("box");
    return box;
}

const sameAs = (item) => (other) => other.edge === item.edge && other.node === item.node;

function pick(item) {
    picked = item;
    items.forEach((each) => each.target.setAttribute("tabindex", item && sameAs(item)(each) ? "0" : "-1"));
    if (!item) firstItem()?.target.setAttribute("tabindex", "0");
    look();
}

function hover(item) {
    hovered = item;
    look();
}

function look() {
    illuminate();
    panel();
}

const MOVES = {
    ArrowRight: (item) => (item.edge !== undefined ? { node: edges[item.edge].head } : edgeItem((outputs.get(item.node) ?? [])[0])),
    ArrowLeft: (item) => (item.edge !== undefined ? { node: edges[item.edge].tail } : edgeItem((operands.get(item.node) ?? [])[0])),
    ArrowDown: (item) => sibling(item, 1),
    ArrowUp: (item) => sibling(item, -1),
    Home: () => items.find((item) => item.node !== undefined),
    End: () => ({ node: FACTS.output }),
};
const edgeItem = (edge) => (edge === undefined ? null : { edge });

function sibling(item, by) {
    const among = items.filter((other) => (item.edge !== undefined ? other.edge !== undefined : other.node !== undefined));
    const ordered = among.sort((a, b) => middle(a)[1] - middle(b)[1] || middle(a)[0] - middle(b)[0]);
    return ordered[ordered.findIndex(sameAs(item)) + by] ?? null;
}

function middle(item) {
    const { left, top, width, height } = item.target.getBoundingClientRect();
    return [left + width / 2, Math.round(top + height / 2)];
}

function onGraphKey(event) {
    if (event.key === "Escape") {
        pick(null);
        return;
    }
    const move = MOVES[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = move(items.find((item) => item.target === event.target) ?? items[0]);
    const found = next && items.find(sameAs(next));
    if (found) found.target.focus();
}
