/** Letters count from 10 (A) to 35 (Z) in check digits. */
const LETTER = /[A-Z]/g;

/**
 * Whether this is an IBAN: two letters of the country, two check digits, up to 30 letters and digits, and the check digits hold
 * (ISO 13616; ISO 7064 MOD 97-10: the first four characters moved to the end, letters as numbers, leave 1 when divided by 97).
 */
export function isIban(text: string): boolean {
    if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) {
        return false;
    }
    const digits = `${text.slice(4)}${text.slice(0, 4)}`.replaceAll(LETTER, (letter) =>
        String(letter.charCodeAt(0) - 55),
    );
    return BigInt(digits) % 97n === 1n;
}
