import { createPublicKey, verify } from 'node:crypto';
import type { FeederRecord, Terms } from '@commonwatt/chaincode/api/records';
import { encodeBytes } from '@commonwatt/chaincode/api/wire';
import type { Check } from './check';
import type { PublicDay } from './plain-day';

type Losses = NonNullable<Terms['losses']>;
const MILLION = 1_000_000n;

/**
 * What everybody can check of a day's comparison with the feeder's meter, without any code of the chaincode's rules: what the feeder's
 * meter showed is the grid operator's signed word, everything else follows from it and from the day's totals.
 */
export function feederChecks(day: PublicDay, compared: FeederRecord, losses: Losses): Check[] {
    const wrong = wrongSlots(day, compared, losses);
    const cost = costNanos(day, compared);
    const paid = compared.postings.filter(({ account }) => account !== 'supplier');
    const balance = total(compared.postings.map(({ amountNanos }) => amountNanos));
    return [
        check(
            "the feeder's readings carry the grid operator's signature",
            isSigned(compared, day.charter.operatorKey),
            '',
        ),
        check(
            "each slot has the totals' sum of the meters, and the losses that the terms expect",
            wrong.length === 0,
            `not slots ${wrong.join(', ')}`,
        ),
        check(
            'the day fits, or does not, as it says',
            saysTheSum(compared) && compared.fits === isWithin(compared, losses),
            `${compared.residualWh.toString()} Wh are neither metered nor expected to be lost`,
        ),
        check(
            'for the losses the supplier gets its tariffs, who pays is whom the terms name, and it all sums to zero',
            balance === 0n &&
                cost === compared.costNanos &&
                total(paid.map(({ amountNanos }) => amountNanos)) === -cost &&
                paid.every(({ account, amountNanos }) => amountNanos === 0n || isPayer(account, losses)) &&
                isSharedFairly(day, compared),
            `${cost.toString()} nanos by the tariffs, ${compared.costNanos.toString()} as it says`,
        ),
    ];
}

/** A home by the limit of its connection, which is public. */
export interface Sharer {
    readonly mspId: string;
    readonly importLimitW: bigint;
}

/**
 * What each member pays of a day's losses, by name, where members pay: in proportion to the import limits of their connections, rounded
 * down, and what is left over a nano each to those with the largest remainders, ties by name. Empty where somebody else pays.
 */
export function plainLossShares(
    { payer, costNanos }: Pick<FeederRecord, 'payer' | 'costNanos'>,
    members: readonly Sharer[],
): Map<string, bigint> {
    if (payer !== 'members' || members.length === 0) {
        return new Map();
    }
    const byName = [...members].sort((a, b) => (a.mspId < b.mspId ? -1 : 1));
    const isUnlimited = byName.every(({ importLimitW }) => importLimitW === 0n);
    const weighed = byName.map(({ mspId, importLimitW }) => ({ mspId, weight: isUnlimited ? 1n : importLimitW }));
    const all = total(weighed.map(({ weight }) => weight));
    const [sum, sign] = costNanos < 0n ? [-costNanos, -1n] : [costNanos, 1n];
    const parts = weighed.map(({ mspId, weight }) => ({
        mspId,
        nanos: (sum * weight) / all,
        rest: (sum * weight) % all,
    }));
    const left = Number(sum - total(parts.map(({ nanos }) => nanos)));
    const first = new Set(
        [...parts]
            .sort((a, b) => (a.rest === b.rest ? 0 : a.rest > b.rest ? -1 : 1))
            .slice(0, left)
            .map(({ mspId }) => mspId),
    );
    return new Map(parts.map(({ mspId, nanos }) => [mspId, sign * (nanos + (first.has(mspId) ? 1n : 0n))]));
}

/** Who took part: everybody who was settled. */
export const sharersOf = (
    { members }: Pick<PublicDay['charter'], 'members'>,
    markers: readonly { readonly mspId: string }[],
): Sharer[] => markers.map(({ mspId }) => ({ mspId, importLimitW: members[mspId]?.importLimitW ?? 0n }));

function isSharedFairly({ charter, markers }: PublicDay, compared: FeederRecord): boolean {
    const shares = plainLossShares(compared, sharersOf(charter, markers));
    return [...shares].every(
        ([mspId, nanos]) =>
            -nanos === (compared.postings.find(({ account }) => account === `household:${mspId}`)?.amountNanos ?? 0n),
    );
}

function wrongSlots({ totals }: PublicDay, { slots }: FeederRecord, { constantWh, lossPpm }: Losses): number[] {
    const sums = totals.sums?.slots ?? [];
    const known = sums.flatMap((sum, i) => {
        const found = slots[i];
        const expectedWh = constantWh + (magnitude(found?.feederWh ?? 0n) * lossPpm) / MILLION;
        const isRight =
            found?.slot === sum.slot && found.meteredWh === sum.meteredWh && found.expectedWh === expectedWh;
        return isRight ? [] : [sum.slot];
    });
    return [...known, ...slots.slice(sums.length).map(({ slot }) => slot)];
}

function saysTheSum({ slots, lostWh, expectedWh, residualWh }: FeederRecord): boolean {
    const lost = total(slots.map(({ meteredWh, feederWh }) => meteredWh - feederWh));
    const expected = total(slots.map((slot) => slot.expectedWh));
    return lost === lostWh && expected === expectedWh && lost - expected === residualWh;
}

/** A watt-hour is tolerated in every slot, or a part of the larger of both flows. */
function isWithin({ slots, residualWh }: FeederRecord, { tolerancePpm }: Losses): boolean {
    const allowed = slots.map(({ meteredWh, feederWh }) => {
        const [one, other] = [magnitude(meteredWh), magnitude(feederWh)];
        const part = ((one > other ? one : other) * tolerancePpm) / MILLION;
        return part > 1n ? part : 1n;
    });
    return magnitude(residualWh) <= total(allowed);
}

/** What the feeder's meter saw, less what the day's totals paid the supplier for, at the same tariffs. */
function costNanos({ prices }: PublicDay, { slots }: FeederRecord): bigint {
    return total(
        slots.map(({ meteredWh, feederWh }, i) => {
            const { retail, feedIn } = prices[i] ?? { retail: 0n, feedIn: 0n };
            const value = (wh: bigint): bigint => wh * (wh < 0n ? retail : feedIn);
            return value(meteredWh) - value(feederWh);
        }),
    );
}

const isPayer = (account: string, { payer }: Losses): boolean =>
    payer === 'members' ? account.startsWith('household:') : account === payer;

function isSigned({ day, slots, signature }: FeederRecord, operatorKey: string): boolean {
    const said = { statement: 'feeder', day, slots: slots.map(({ slot, feederWh }) => ({ slot, feederWh })) };
    const key = createPublicKey({ key: Buffer.from(operatorKey, 'base64'), format: 'der', type: 'spki' });
    return verify('sha256', encodeBytes(said), key, Buffer.from(signature, 'base64'));
}

const check = (what: string, holds: boolean, found: string): Check => ({ what, holds, ...(holds ? {} : { found }) });
const total = (values: readonly bigint[]): bigint => values.reduce((sum, each) => sum + each, 0n);
const magnitude = (n: bigint): bigint => (n < 0n ? -n : n);
