import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { dirname } from 'node:path';
import type { RoundRecord } from '@commonwatt/chaincode/api/records';
import { encode } from '@commonwatt/chaincode/api/wire';
import { hasFabric } from '@commonwatt/network/topology/native/binaries';
import type { NetworkWish } from '@commonwatt/network/topology/network-kind';
import { startNetwork } from '@commonwatt/network/topology/processes/network';
import { endProcesses, recordedProcesses } from '@commonwatt/network/topology/processes/supervisor';
import { organisation, type Storage } from '@commonwatt/network/topology/topology';
import { serveAttestation, type AttestationServer } from '../attestation/attestation-server';
import { contractsOfDay, operatorAgent, tradeDay, type TradeRequest } from '../community/trade';
import { sampleDay } from '../data/sample';
import type { DayResult } from '../day/trading-day';
import { Accounts } from '../market/accounts';
import { daySummary } from '../report/day-summary';
import { testNetwork, type TestNetwork } from '../testing/network';
import { contractFacts, type ContractFacts } from './contract-energy';
import { storageCheck, type StoredEnergy } from './storage-check';

const PORT = 14_950;
const HOMES = ['H1', 'H2', 'H3', 'H4', 'H5'];
const LIMIT_MS = 400_000;
/** So long a service may take that answers; an endorsement is asked for several times. */
const LATE_MS = 1_000;
const STORAGE: Storage = {
    home: 'H4',
    capacityWh: 10_000,
    chargeW: 3_600,
    dischargeW: 3_600,
    chargePpm: 960_000,
    dischargePpm: 960_000,
    credibility: 'request-response',
    feeMicrosPerKwh: 5_000,
};

const NETWORKS: { network: string; wish: NetworkWish; isHere: boolean }[] = [
    { network: 'embedded peers', wish: { ownChaincode: ['H4'] }, isHere: true },
    { network: "Fabric's peers", wish: { kind: 'native' }, isHere: hasFabric(process.env) },
];

describe.each(NETWORKS)('contracts with storage on $network, by request and response', ({ wish, isHere }) => {
    if (!isHere) {
        it.skip('come to nothing while the storage system says no, and are made once it says yes', () => undefined);
        return;
    }
    let network: TestNetwork;
    let request: TradeRequest;
    let socket: string;
    const servers: AttestationServer[] = [];

    beforeAll(async () => {
        network = await testNetwork(HOMES.length, PORT, wish, STORAGE);
        const { topology, layout } = network.members;
        const { directory, file } = layout.organisation(organisation(topology, 'H4')).attestation;
        socket = `${dirname(layout.var)}/h4.sock`;
        mkdirSync(directory);
        const transactions = ['contracts:offer', 'contracts:attest'];
        writeFileSync(file, JSON.stringify({ service: `unix:${socket}`, transactions, limitMs: LATE_MS }));
        const own = recordedProcesses(layout).filter(({ name }) => /^chaincode-\w+-H4$/.test(name));
        await endProcesses(own, layout);
        await startNetwork(topology, layout);
        const metered = sampleDay(HOMES.map((home) => ({ home, consumes: true, generates: true, peakW: 4_000 })));
        request = { charter: network.charter, metered, progress: { report: () => undefined } };
        await operatorAgent(network.members, network.charter).openDay(metered.day, true, 'H2MSP');
    }, LIMIT_MS);
    afterEach(() => {
        servers.splice(0).forEach((server) => {
            server.close();
        });
        rmSync(socket, { force: true });
    });
    afterAll(async () => {
        await network.stop();
    }, LIMIT_MS);

    async function serve(listener: RequestListener): Promise<void> {
        const server = createServer(listener).listen(socket);
        servers.push({ close: () => void (server.closeAllConnections(), server.close()) });
        await once(server, 'listening');
    }

    /** What is refused of the day's contracts where the storage system's own service is this. */
    async function refused(): Promise<string[]> {
        const contracts = contractsOfDay(network.members, request);
        const agreed = await contracts.agree();
        expect([agreed.attestations, agreed.contracts, agreed.purchases]).toEqual([[], [], []]);
        return contracts.refused;
    }

    it(
        'come to nothing where the storage system is dead, late, or says no: it fails closed',
        async () => {
            expect(await refused()).toEqual(['s1: ATTESTATION_MISSING', 's2: ATTESTATION_MISSING']);
            await serve(() => undefined);
            expect(await refused()).toEqual(['s1: ATTESTATION_MISSING', 's2: ATTESTATION_MISSING']);
            servers.splice(0).forEach((server) => {
                server.close();
            });
            rmSync(socket, { force: true });
            servers.push(
                await serveAttestation(
                    socket,
                    storageCheck(() => []),
                ),
            );
            expect(await refused()).toEqual(['s1: ATTESTATION_REFUSED', 's2: ATTESTATION_REFUSED']);
        },
        LIMIT_MS,
    );

    describe('are made once its service says yes', () => {
        let result: DayResult;
        const asked = new Set<string>();

        it(
            'and are delivered, paid and settled with the day',
            async () => {
                const { plan } = contractsOfDay(network.members, request);
                const { firstSlot } = request.metered;
                const stored = plan.map(({ id, seller, storedAt, takenWh, deliveredWh }): StoredEnergy => {
                    const lot = { id, slot: firstSlot + storedAt, prosumer: seller };
                    return { ...lot, energyWh: takenWh, releasableWh: deliveredWh };
                });
                const check = storageCheck(() => stored);
                servers.push(
                    await serveAttestation(socket, (question) => {
                        asked.add(encode(question.argument)); // Who is asked again where an answer was late counts once.
                        return check(question);
                    }),
                );
                result = await tradeDay(network.members, request);
                expect(contractFacts(result.contracts).map(({ status }) => status)).toEqual(['confirmed', 'confirmed']);
                expect(result.refusedContracts).toEqual([]);
                expect(asked.size).toBe(2);
            },
            LIMIT_MS,
        );

        it('so that energy and money add up, and nobody does worse', () => {
            const facts = { transactions: 0, invalid: {}, peersAgree: true };
            const summary = daySummary(result, facts, 0);
            expect(summary).toMatchObject({ energyImbalanceWh: 0, moneyImbalanceNanos: 0, worseOff: [] });
            const contract = first(result);
            const slotOf = (mspId: string | undefined, slot: number) =>
                result.households
                    .find((household) => household.mspId === mspId)
                    ?.settlement.slots.find((each) => each.slot === slot);
            expect(slotOf(contract.seller, contract.storedIn)?.contractedWh).toBe(contract.takenWh);
            expect(slotOf('H4MSP', contract.storedIn)?.contractedWh).toBe(-contract.takenWh);
            expect(slotOf('H4MSP', contract.deliveredIn)?.contractedWh).toBe(contract.deliveredWh);
            expect(slotOf(contract.buyer, contract.deliveredIn)?.receivedWh).toBe(contract.deliveredWh);
            expect(isLate(result.rounds)).toBe(false);
        });

        it('and the seller has its money, less the fee', async () => {
            const contract = first(result);
            const seller = network.members.member(contract.seller.replace('MSP', ''));
            const accounts = new Accounts(seller.calls, seller.keys, network.charter);
            await accounts.takeIn();
            const { account } = await accounts.money();
            expect(account?.turnover.receivedNanos).toBe(contract.paymentNanos - contract.feeNanos);
        });
    });
});

function first({ contracts }: DayResult): ContractFacts {
    const [contract] = contractFacts(contracts);
    if (contract === undefined) {
        throw new Error('the day has no contract');
    }
    return contract;
}

/** A round that is open still would have let somebody order what was stored. */
const isLate = (rounds: readonly RoundRecord[]): boolean => rounds.some(({ status }) => status === 'open');
