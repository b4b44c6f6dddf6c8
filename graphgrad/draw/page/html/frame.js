// In a frame of a document, make the frame as high as this page, which then does not scroll by itself.

function fitFrame() {
    if (!frame) return;
    document.documentElement.classList.add("framed");
    if (!frame.classList.contains("graphgrad-page")) return;
    const fit = () => { frame.style.height = `${Math.ceil(document.body.getBoundingClientRect().height)}px`; };
    new ResizeObserver(fit).observe(document.body);
}
