// Pointer, focus and arrow keys on the graph. An item is a node or an edge with the element that takes the focus.

const items = [];

function addItem(what, target, ...more) {
    const item = { ...what, target };
    target.setAttribute("role", "img");
    target.setAttribute("tabindex", "-1");
    items.push(item);
    target.addEventListener("focus", () => {
        target.setAttribute("aria-label", described(item));
        pick(item);
    });
    for (const each of [target, ...more].filter(Boolean)) {
        each.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && hover(item));
        each.addEventListener("pointerleave", () => hover(null));
        each.addEventListener("click", (event) => {
            event.stopPropagation();
            target.focus({ preventScroll: true });
        });
    }
}

function addItems() {
    const drawing = svg.querySelector("svg > g");
    for (const { edge, forward, backward } of lines.filter((line) => line.edge !== null && line.forward)) {
        const reach = made("path", { d: forward.querySelector("path").getAttribute("d"), class: "reach" });
        drawing.insertBefore(reach, drawing.querySelector(":scope > g:not(:has(> path))"));
        addItem({ edge }, reach, forward, backward);
    }
    nodes.forEach((_, i) => {
        const [box, ...more] = boxes[i];
        const trunks = lines.filter((line) => line.edge === null && line.node === i);
        if (box)
            addItem(
                { node: i },
                ringed(box),
                ...more,
                ...trunks.flatMap(({ forward, backward }) => [forward, backward]),
            );
    });
    firstItem()?.target.setAttribute("tabindex", "0");
}

const firstItem = () => items.find((item) => item.node !== undefined) ?? items[0];

function ringed(box) {
    const { x, y, width, height } = box.getBBox();
    box.prepend(made("rect", { x: x - 8, y: y - 5, width: width + 16, height: height + 10, rx: 8, class: "ring" }));
    box.classList.add("box");
    return box;
}

function made(tag, attributes) {
    const shape = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.entries(attributes).forEach(([name, text]) => shape.setAttribute(name, text));
    return shape;
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
    ArrowRight: ({ node, edge }) => (edge !== undefined ? { node: edges[edge].head } : { edge: outputs[node][0] }),
    ArrowLeft: ({ node, edge }) => (edge !== undefined ? { node: edges[edge].tail } : { edge: operands[node][0] }),
    ArrowDown: (item) => sibling(item, 1),
    ArrowUp: (item) => sibling(item, -1),
    Home: () => items.find((item) => item.node !== undefined),
    End: () => ({ node: FACTS.output }),
};

function sibling(item, by) {
    const among = items.filter((other) => (other.edge === undefined) === (item.edge === undefined));
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
    const item = next && items.find(sameAs(next));
    if (item) item.target.focus();
}
