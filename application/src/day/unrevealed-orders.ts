import type { RoundRecord } from '@commonwatt/chaincode/api/records';
import type { RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { TransactionRefused } from '../gateway/failures';
import type { StakeGovernance } from '../market/stake';

/** An order that a round was cleared without, because its owner did not open it. */
export interface UnrevealedOrder {
    readonly mspId: string;
    readonly slot: number;
    readonly id: string;
}

/** What reporting a member's orders came to. */
export interface Reported {
    readonly mspId: string;
    readonly orders: number;
    /** Those among them that somebody had reported before. */
    readonly known: number;
    /** Of the deposit, for those that were reported now. */
    readonly forfeitedNanos: bigint;
    /** Why the ledger did not take the others. */
    readonly refused?: RefusalCode | undefined;
}

/** By slot, and by name within a round. */
export function unrevealedOrders(rounds: readonly RoundRecord[]): UnrevealedOrder[] {
    return rounds
        .filter(({ status }) => status === 'cleared')
        .flatMap(({ slot, dropped = [] }) =>
            dropped
                .filter(({ reason }) => reason === 'UNREVEALED')
                .map(({ order }) => {
                    const at = order.indexOf('/');
                    return { mspId: order.slice(0, at), slot, id: order.slice(at + 1) };
                }),
        );
}

/**
 * Has the owners of these orders forfeit what the parameters of stake say, each once. One after the other: all of a member's change the same account.
 * What governance refuses of one of a member's orders it would refuse of all.
 */
export async function reportUnrevealed(
    governance: Pick<StakeGovernance, 'reportUnrevealed'>,
    orders: readonly UnrevealedOrder[],
): Promise<Reported[]> {
    const members = [...new Set(orders.map(({ mspId }) => mspId))];
    const reported: Reported[] = [];
    for (const mspId of members) {
        const own = orders.filter((order) => order.mspId === mspId);
        reported.push(await reportedOf(governance, mspId, own));
    }
    return reported;
}

async function reportedOf(
    governance: Pick<StakeGovernance, 'reportUnrevealed'>,
    mspId: string,
    orders: readonly UnrevealedOrder[],
): Promise<Reported> {
    let [known, forfeitedNanos] = [0, 0n];
    for (const order of orders) {
        try {
            forfeitedNanos += (await governance.reportUnrevealed(order)).depositNanos;
        } catch (error) {
            if (!(error instanceof TransactionRefused)) {
                throw error;
            }
            const { code } = error.refusal;
            if (code !== 'MISCONDUCT_PUNISHED') {
                return { mspId, orders: orders.length, known, forfeitedNanos, refused: code };
            }
            known += 1;
        }
    }
    return { mspId, orders: orders.length, known, forfeitedNanos };
}
