const HALF_ORDER_P256 = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;
const INTEGER = 0x02;

/** Whether the S of an ECDSA P-256 signature, in DER, is in the lower half of the group's order. */
export function isLowS(der: Uint8Array): boolean {
    const lengthOfR = der[3];
    if (der[2] !== INTEGER || lengthOfR === undefined || der[4 + lengthOfR] !== INTEGER) {
        throw new Error('not an ECDSA signature in DER');
    }
    const s = der.subarray(6 + lengthOfR, 6 + lengthOfR + (der[5 + lengthOfR] ?? 0));
    return BigInt(`0x${Buffer.from(s).toString('hex')}`) <= HALF_ORDER_P256;
}
