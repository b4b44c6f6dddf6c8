// Light or dark: in a frame, this page follows the switch of the page around it, which decides before the system does.

const frame = window.frameElement;

function follow() {
    if (!frame) return;
    const { documentElement, body } = frame.ownerDocument;
    const observer = new MutationObserver(takeScheme);
    [documentElement, body].forEach((each) => observer.observe(each, { attributes: true }));
    takeScheme();
}

function takeScheme() {
    const scheme = ["dark", "light"].find((name) => frame.closest(SCHEMES[name]));
    if (scheme) document.documentElement.dataset.theme = scheme;
    else delete document.documentElement.dataset.theme;
}
