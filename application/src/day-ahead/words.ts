import { decimal } from '../report/decimal';

/** How far an iteration is from the end, for people. */
export const withinText = ({ primalWh, dual }: { readonly primalWh: bigint; readonly dual: bigint }): string =>
    `sums within ${primalWh} Wh, prices within ${decimal(dual / 1000n, 6)} per kWh`;
