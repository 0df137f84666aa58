import type { EnergyFlow } from '@commonwatt/application/server/schemas/now';

export interface Stream {
    readonly with: 'roof' | 'neighbours' | 'grid' | 'battery';
    /** Into the home, or out of it. */
    readonly isInward: boolean;
    readonly wh: bigint;
}

/** What flows into the home and out of it; only what flows. */
export function streamsOf({ roofWh, battery, boughtWh, soldWh, importedWh, exportedWh }: EnergyFlow): Stream[] {
    const both = (side: Stream['with'], inward: string, outward: string): Stream[] => [
        { with: side, isInward: true, wh: BigInt(inward) },
        { with: side, isInward: false, wh: BigInt(outward) },
    ];
    return [
        ...both('roof', roofWh, '0'),
        ...both('battery', battery?.dischargedWh ?? '0', battery?.chargedWh ?? '0'),
        ...both('neighbours', boughtWh, soldWh),
        ...both('grid', importedWh, exportedWh),
    ].filter(({ wh }) => wh > 0n);
}
