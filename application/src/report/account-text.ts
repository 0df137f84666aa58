import type { Money } from '../market/accounts';
import type { OwnRewards } from '../market/stake';
import { decimal } from './decimal';

const NANOS_DECIMALS = 9;

const KINDS = { deposit: 'paid in', paidOut: 'paid out', returned: 'not paid out, returned' } as const;

/** What a member has, and what the community has paid it for orders and signatures. */
export interface MoneyAndRewards extends Money {
    readonly rewards: OwnRewards;
}

/** A member's account for people. Amounts with all their digits: bills alone are rounded. */
export function accountText(home: string, { rewards, ...money }: MoneyAndRewards, currency: string): string {
    const amount = (nanos: bigint): string => `${trimmed(decimal(nanos, NANOS_DECIMALS))} ${currency}`;
    return [...moneyLines(home, money, amount), ...rewardLines(rewards, amount)].join('\n');
}

type Amount = (nanos: bigint) => string;

function rewardLines({ epochs, rewardsNanos }: OwnRewards, amount: Amount): readonly string[] {
    if (epochs.length === 0) return [];
    return [
        `Rewards for produced blocks and cleared rounds, from the community's account: ${amount(rewardsNanos)}.`,
        ...epochs.map(({ epoch, amountNanos }) => `  ${epoch}: ${amount(amountNanos)}`),
    ];
}

function moneyLines(home: string, { account, statements, withdrawals }: Money, amount: Amount): readonly string[] {
    if (account === null) {
        return [
            `Nothing has moved on the account of ${home} yet; waiting to be taken in: ${statements.length} statements.`,
        ];
    }
    const { availableNanos, holds, turnover, version } = account;
    const reserved = holds.reduce((sum, { amountNanos }) => sum + amountNanos, 0n);
    const answered = new Set(statements.map(({ statement }) => `${statement.kind} ${statement.reference}`));
    const isOpen = (id: string): boolean => !answered.has(`paidOut ${id}`) && !answered.has(`returned ${id}`);
    return [
        `${home} has ${amount(availableNanos)} available and ${amount(reserved)} reserved (version ${version} of its account).`,
        ...holds.map(({ kind, subject, amountNanos }) =>
            kind === 'day'
                ? `  reserved for ${subject}: ${amount(amountNanos)}`
                : `  reserved for withdrawal ${subject}: ${amount(amountNanos)}`,
        ),
        `Ever: paid in ${amount(turnover.depositedNanos)}, paid out ${amount(turnover.withdrawnNanos)}, into escrow ${amount(turnover.escrowedNanos)}, out of escrow ${amount(turnover.receivedNanos)}, for bills ${amount(turnover.billedNanos)}.`,
        ...statements.map(
            ({ statement: { kind, reference, amountNanos }, takenIn }) =>
                `  ${KINDS[kind]} ${amount(amountNanos)}, reference ${reference}${takenIn === null ? ', not taken in yet' : ''}`,
        ),
        ...withdrawals
            .filter(({ id }) => isOpen(id))
            .map(({ id, amountNanos }) => `  asked to be paid out: ${amount(amountNanos)}, reference ${id}`),
    ];
}

/** At least two decimals, and no zeros after those. */
const trimmed = (text: string): string => text.replace(/(\.\d\d\d*?)0+$/, '$1');
