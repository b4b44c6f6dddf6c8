// Formulas within texts. A text has marks for them: the formula's number in FACTS.maths, and the numbers of operands.
// Each formula is there as a line of text, for speech and labels, and as HTML.

const MARK = /\uE000(\d+)([^\uE001]*)\uE001/;
const BETWEEN = "\uE002";
const withNumbers = (mark, numbers) => `${mark.slice(0, -1)}${BETWEEN}${numbers.join(BETWEEN)}${mark.slice(-1)}`;

// A formula with the numbers at its places {operand:power:sign}: those with less power are put in brackets.
function filledIn(formula, numbers) {
    if (!numbers) return formula;
    const values = numbers.split(BETWEEN).slice(1);
    return formula.replace(/\{(\d+):(\d+):(\d+)\}/g, (_, i, power, sign) => asDrawn(under(values[i], power, sign)));
}

const plain = (text) =>
    text
        .split(/(\uE000[^\uE001]*\uE001)/)
        .map((part) => {
            const match = MARK.exec(part);
            return match ? filledIn(FACTS.maths[match[1]][0], match[2]) : asDrawn(part);
        })
        .join("");

// Whether a text is a single name, which needs no brackets.
function isName(text) {
    const match = MARK.exec(text);
    return match ? match[0] === text && FACTS.maths[match[1]][2] : /^[\p{L}\p{N}_.]+$/u.test(text);
}

// Writes a text into an element, its formulas typeset.
function write(place, text) {
    place.replaceChildren();
    for (const part of text.split(/(\uE000[^\uE001]*\uE001)/)) {
        const match = MARK.exec(part);
        if (match) place.insertAdjacentHTML("beforeend", filledIn(FACTS.maths[match[1]][1], match[2]));
        else place.append(asDrawn(part));
    }
    return place;
}
