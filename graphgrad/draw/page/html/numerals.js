// Writes a number as graphgrad.namespaces.display.short does: six significant digits, ties to even.
function short(x) {
    if (x === Infinity || x === -Infinity) return x > 0 ? "inf" : "-inf";
    if (x === 0) return "0";
    const [digits, power] = rounded(Math.abs(x));
    return (x < 0 ? "-" : "") + placed(digits, power);
}

function rounded(size) {
    const longer = size.toExponential(6);
    const isTie = longer[7] === "5" && /^\d\.\d{5}50*e/.test(size.toExponential(100));
    const text = isTie && longer[6] % 2 === 0 ? longer : size.toExponential(5);
    return [(text[0] + text.slice(2, 7)).replace(/0+$/, ""), Number(text.split("e")[1])];
}

function placed(digits, power) {
    if (power < -4 || power >= 6) {
        const mantissa = digits[0] + (digits.length > 1 ? "." + digits.slice(1) : "");
        return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
    }
    if (power < 0) return "0." + "0".repeat(-power - 1) + digits;
    const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
    return whole + (digits.length > power + 1 ? "." + digits.slice(power + 1) : "");
}

// Writes the numbers in a text as pictures do: 3e+08 as 3 × 10⁸.
const RAISED_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (power) => [...power].map((digit) => RAISED_DIGITS[digit]).join("");
const asDrawn = (text) =>
    text
        .replace(/(?<![\p{L}\d_.])(\d+(?:\.\d+)?)e([-−+]?)0*(\d+)(?![\p{L}_])/gu, (_, digits, sign, power) => {
            return `${digits} × 10${sign && sign !== "+" ? "⁻" : ""}${raised(power)}`;
        })
        .replace(/\binf\b/g, "∞");
