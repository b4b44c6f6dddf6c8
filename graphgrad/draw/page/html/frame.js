// Within a frame of another page: follow its switch between light and dark, and make the frame as high as the content.

const SWITCHES = {
    "data-theme": { light: "light", dark: "dark" },
    "data-md-color-scheme": { default: "light", slate: "dark" },
    "data-bs-theme": { light: "light", dark: "dark" },
    "data-jp-theme-light": { true: "light", false: "dark" },
};

/** The frame that holds this page, where this page may see it; else null. */
function frameAround() {
    try {
        return window.frameElement;
    } catch {
        return null;
    }
}

/** "light" or "dark", as the nearest element around the frame has it set; else null: the system's scheme holds. */
function schemeAround(frame) {
    for (let at = frame; at; at = at.parentElement)
        for (const [name, schemes] of Object.entries(SWITCHES)) {
            const scheme = schemes[at.getAttribute(name)];
            if (scheme) return scheme;
        }
    return null;
}

function takeScheme(frame) {
    const scheme = schemeAround(frame);
    if (scheme) document.documentElement.dataset.theme = scheme;
    else delete document.documentElement.dataset.theme;
}

function followFrame() {
    const frame = frameAround();
    if (!frame) return;
    document.documentElement.classList.add("framed");
    takeScheme(frame);
    const observer = new MutationObserver(() => takeScheme(frame));
    const attributeFilter = Object.keys(SWITCHES);
    for (let at = frame; at; at = at.parentElement) observer.observe(at, { attributes: true, attributeFilter });
    if (!frame.classList.contains("graphgrad-page")) return;
    const fit = () => { frame.style.height = `${Math.ceil(document.body.getBoundingClientRect().height)}px`; };
    new ResizeObserver(fit).observe(document.body);
}
