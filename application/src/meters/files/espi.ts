/** Codes of ESPI (NAESB REQ.21), as far as energy of a connection needs them. */
export const ESPI = {
    namespace: 'http://naesb.org/espi',
    atom: 'http://www.w3.org/2005/Atom',
    electricity: 0,
    /** commodity: what the secondary side of the transformer brings to a home, or its primary side. */
    commodity: { electricitySecondary: 1, electricityPrimary: 2 },
    accumulation: { bulkQuantity: 1, cumulative: 3, deltaData: 4 },
    flow: { none: 0, forward: 1, net: 4, reverse: 19 },
    uom: { wh: 72 },
    /** kind: energy; dataQualifier: normal. */
    energy: 12,
    normal: 12,
    quality: { valid: 0, interpolated: 9, estimated: 8, projected: 12, raw: 14 },
} as const;
