import { TestCommunity } from '@commonwatt/chaincode/testing/community';
import type { Simulated } from '@commonwatt/chaincode/testing/memory-network';
import { splitPlace } from '@commonwatt/chaincode/testing/memory-stub';
import { TRANSACTIONS, type TransactionName } from '@commonwatt/chaincode/api/transactions';
import type { ChainTransaction } from './test-chain';

/**
 * What a community's transactions write, by the contracts themselves on a channel in memory.
 *
 * @param work does with the community what is to be recorded
 */
export async function recordedTransactions(
    households: number,
    work: (community: TestCommunity) => Promise<unknown>,
): Promise<ChainTransaction[]> {
    const community = new TestCommunity(households);
    const { network } = community;
    const recorded: ChainTransaction[] = [];
    const endorsed = new Map<Simulated['set'], Omit<ChainTransaction, 'code'>>();
    const endorse = network.endorse.bind(network);
    const commit = network.commit.bind(network);
    network.endorse = async (name, given, request) => {
        const simulated = await endorse(name, given, request);
        endorsed.set(simulated.set, transactionOf(name as TransactionName, given, request, simulated));
        return simulated;
    };
    network.commit = (simulated, endorsers) => {
        const code = commit(simulated, endorsers);
        const transaction = endorsed.get(simulated.set);
        if (transaction === undefined) {
            throw new Error('what was not endorsed here is committed');
        }
        recorded.push({ ...transaction, code: code === 'VALID' ? 0 : MVCC_READ_CONFLICT });
        return code;
    };
    await work(community);
    return recorded;
}

const MVCC_READ_CONFLICT = 11;

const organisation = (mspId: string): string => mspId.replace(/MSP$/, '');

function transactionOf(
    name: TransactionName,
    given: readonly string[],
    request: { readonly by: string; readonly endorsers: readonly string[] },
    { set, event }: Simulated,
): Omit<ChainTransaction, 'code'> {
    const { chaincode } = TRANSACTIONS[name];
    const own = (place: string): string => splitPlace(place).key;
    const writes = [...set.writes].filter(([place]) => splitPlace(place).space === chaincode);
    if (writes.length !== set.writes.size) {
        throw new Error(`${name} writes into another chaincode`);
    }
    return {
        chaincode,
        function: name,
        arguments: given,
        client: organisation(request.by),
        endorsers: request.endorsers.map(organisation),
        writes: { [chaincode]: Object.fromEntries(writes.map(([place, value]) => [own(place), value])) },
        policies: Object.fromEntries([...set.policies].map(([place, policy]) => [own(place), policy])),
        privateWrites: [...set.privateWrites].map(([place, value]) => {
            const { space, key } = splitPlace(place);
            return { collection: space, key, value: Buffer.from(value).toString('base64') };
        }),
        ...(event && { event: { name: event.name, payload: Buffer.from(event.payload).toString() } }),
    };
}
