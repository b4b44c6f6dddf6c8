// Returns facts on all pictures of a page, as a browser shows them: colours, contrast, what is hidden, what sticks out.
(column) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const isOpaque = (colour) => colour !== "none" && rgba(colour)[3] > 250;
    const luminance = (colour) => {
        const [r, g, b] = rgba(colour).map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (one, other) => {
        const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    };
    const pageColour = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (isOpaque(colour)) return colour;
        }
        return "white";
    };
    const holds = (box, x, y) => box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
    const isWithin = (inner, outer, slack = 1) =>
        inner.left >= outer.left - slack && inner.right <= outer.right + slack && inner.top >= outer.top - slack && inner.bottom <= outer.bottom + slack;
    const name = (element) => `${element.tagName}.${element.getAttribute("class") ?? ""} ${element.textContent.slice(0, 20)}`;
    const inner = (element) => {
        const style = getComputedStyle(element), box = element.getBoundingClientRect();
        return { left: box.left + parseFloat(style.paddingLeft), right: box.right - parseFloat(style.paddingRight), top: box.top, bottom: box.bottom };
    };

    const picture = (svg) => {
        const view = svg.getBoundingClientRect(), home = pageColour(svg.parentElement);
        const shapes = [...svg.querySelectorAll("rect, ellipse, circle")].filter((each) => isOpaque(getComputedStyle(each).fill));
        const drawn = [...svg.querySelectorAll("rect, ellipse, path, polygon, text")];
        const behind = (text) => {
            const box = text.getBoundingClientRect(), [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
            const under = shapes.filter((each) => holds(each.getBoundingClientRect(), x, y)).pop();
            return under ? getComputedStyle(under).fill : home;
        };
        const hidden = drawn.filter((each) => {
            const style = getComputedStyle(each);
            return style.visibility !== "visible" || style.display === "none" || !each.getClientRects().length || Number(style.opacity) === 0;
        });
        const hasCard = shapes.length > 0 && isWithin(view, shapes[0].getBoundingClientRect(), 2);
        return {
            hasCard,
            behind: luminance(hasCard ? getComputedStyle(shapes[0]).fill : home),
            texts: [...svg.querySelectorAll("text")].map((each) => ({ text: each.textContent, contrast: contrast(getComputedStyle(each).fill, behind(each)) })),
            hidden: hidden.map(name),
            clipped: drawn.filter((each) => !isWithin(each.getBoundingClientRect(), view)).map(name),
            width: view.width,
            height: view.height,
        };
    };

    const article = document.querySelector(column), edges = inner(article);
    const sideways = (element) => {
        const box = element.getBoundingClientRect();
        return box.left >= edges.left - 1 && box.right <= edges.right + 1;
    };
    const frames = [...document.querySelectorAll("iframe.graphgrad-page")].map((frame) => {
        const root = frame.contentDocument.documentElement, box = frame.getBoundingClientRect();
        return {
            missing: edges.right - edges.left - box.width,
            scrolls: root.scrollHeight - root.clientHeight,
            sidewaysScroll: root.scrollWidth - root.clientWidth,
            luminance: luminance(frame.contentWindow.getComputedStyle(frame.contentDocument.body).backgroundColor),
            pictures: [...frame.contentDocument.querySelectorAll("svg.graphgrad")].map((svg) => luminance(frame.contentWindow.getComputedStyle(svg.querySelector("rect")).fill)),
        };
    });
    const spills = (each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX === "visible";
    const ours = [...article.querySelectorAll("[class*=graphgrad]")].filter((each) => each instanceof HTMLElement);
    const pictures = [...document.querySelectorAll("svg.graphgrad")];
    const images = [...document.querySelectorAll(`${column} img`)].map((image) => ({ inside: sideways(image), width: image.getBoundingClientRect().width }));
    return {
        page: luminance(pageColour(article)),
        pictures: pictures.map((svg) => ({ ...picture(svg), inside: sideways(svg) })),
        frames,
        images,
        outside: ours.filter((each) => each.getBoundingClientRect().right > innerWidth + 1 || spills(each)).map(name),
    };
}
