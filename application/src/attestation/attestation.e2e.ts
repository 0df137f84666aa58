import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { encode } from '@commonwatt/chaincode/api/wire';
import type { Charter, Terms } from '@commonwatt/chaincode/api/records';
import { connectionProfile } from '@commonwatt/network/topology/connection-profile';
import { hasFabric } from '@commonwatt/network/topology/native/binaries';
import type { NetworkWish } from '@commonwatt/network/topology/network-kind';
import { startNetwork } from '@commonwatt/network/topology/processes/network';
import { endProcesses, recordedProcesses } from '@commonwatt/network/topology/processes/supervisor';
import { organisation } from '@commonwatt/network/topology/topology';
import { governorsNow } from '../community/admission';
import { householdAgent, operatorAgent } from '../community/trade';
import type { MeterDay } from '../data/meter-day';
import { sampleDay } from '../data/sample';
import { openConnection, type Connection } from '../gateway/connection';
import { endorsedBy } from '../gateway/endorsement/prepared';
import { endorsementFailure, NotDone, TransactionRefused } from '../gateway/failures';
import { Community, Governance } from '../market/governance';
import { Metering } from '../market/metering';
import { testNetwork, type TestNetwork } from '../testing/network';
import { serveAttestation, type AttestationServer } from './attestation-server';
import { meterCheck } from './meter-check';

const PORT = 9_350;
const HOMES = ['H1', 'H2', 'H3'];
const LIMIT_MS = 300_000;
const ANSWER_LIMIT_MS = 2_000;
const NETWORKS: { network: string; wish: NetworkWish; isHere: boolean }[] = [
    { network: 'embedded peers', wish: { ownChaincode: ['H1'] }, isHere: true },
    { network: "Fabric's peers", wish: { kind: 'native' }, isHere: hasFabric(process.env) },
];

type Behaviour = (response: ServerResponse, transactionId: string) => void;
const yes: Behaviour = (response, transactionId) => {
    response.end(JSON.stringify({ transactionId, attested: true }));
};

describe.each(NETWORKS)('attestation on $network', ({ wish, isHere }) => {
    const here = isHere ? it : it.skip;
    let network: TestNetwork;
    let connection: Connection;
    let metered: MeterDay;
    let socket: string;
    const servers: AttestationServer[] = [];

    beforeAll(async () => {
        if (!isHere) {
            return;
        }
        network = await testNetwork(HOMES.length, PORT, wish);
        const { topology, layout } = network.members;
        const { directory, file } = layout.organisation(organisation(topology, 'H1')).attestation;
        socket = `${dirname(layout.var)}/h1.sock`;
        mkdirSync(directory);
        writeFileSync(
            file,
            JSON.stringify({
                service: `unix:${socket}`,
                transactions: ['metering:recordReadings', 'tariffs:schedule'],
                limitMs: ANSWER_LIMIT_MS,
                privateInputs: true,
            }),
        );
        // Only the organisation's own services start anew.
        const own = recordedProcesses(layout).filter(({ name }) => /^chaincode-\w+-H1$/.test(name));
        expect(own).toHaveLength(2);
        await endProcesses(own, layout);
        await startNetwork(topology, layout);
        connection = openConnection(connectionProfile(topology, layout, 'DSO'));
        metered = sampleDay(HOMES.map((home) => ({ home, consumes: true, generates: true, peakW: 3_000 })));
        await operatorAgent(network.members, network.charter).openDay(metered.day, true, 'H2MSP');
    }, LIMIT_MS);
    afterEach(() => {
        servers.splice(0).forEach((server) => {
            server.close();
        });
        rmSync(socket, { force: true });
    });
    afterAll(async () => {
        if (isHere) {
            connection.close();
            await network.stop();
        }
    }, LIMIT_MS);

    async function serve(behaviour: Behaviour): Promise<void> {
        const server = createServer((request, response) => {
            void text(request).then((asked) => {
                behaviour(response, (JSON.parse(asked) as { transactionId: string }).transactionId);
            });
        }).listen(socket);
        servers.push({ close: () => void (server.closeAllConnections(), server.close()) });
        await once(server, 'listening');
    }

    /**
     * What each organisation computes of one proposal of new tariffs, or the code with which it refuses. Fabric's gateway does not find a peer for a
     * while of which its gossip has not heard lately, as on a busy machine.
     */
    async function computed(): Promise<Record<string, string>> {
        for (;;) {
            try {
                return await computedOnce();
            } catch (error) {
                if (!(error instanceof NotDone && error.retryable)) throw error;
                await pause(500);
            }
        }
    }

    async function computedOnce(): Promise<Record<string, string>> {
        const contract = connection.gateway.getNetwork(network.members.topology.channel).getContract('governance');
        const proposal = contract.newProposal('tariffs:schedule', { arguments: [encode(laterTerms(network.charter))] });
        const found = ['DSO', ...HOMES].map(async (id): Promise<[string, string]> => {
            try {
                return [id, (await endorsedBy(connection.gateway, proposal, `${id}MSP`)).computed];
            } catch (error) {
                const failure = endorsementFailure({ transaction: 'x', transactionId: 'x' }, error);
                if (failure instanceof TransactionRefused) return [id, failure.refusal.code];
                throw failure;
            }
        });
        return Object.fromEntries(await Promise.all(found));
    }

    here.each<{ service: string; behaviour: Behaviour | undefined; code: string }>([
        {
            service: 'says no',
            behaviour: (response, transactionId) => {
                response.end(JSON.stringify({ transactionId, attested: false, reason: 'not at our house' }));
            },
            code: 'ATTESTATION_REFUSED',
        },
        { service: 'is late', behaviour: () => undefined, code: 'ATTESTATION_MISSING' },
        {
            service: 'talks garbage',
            behaviour: (response) => {
                response.end('certainly');
            },
            code: 'ATTESTATION_MISSING',
        },
        { service: 'is dead', behaviour: undefined, code: 'ATTESTATION_MISSING' },
    ])(
        'leaves out the endorsement of the organisation whose service $service, and changes nothing for the others',
        async ({ behaviour, code }) => {
            if (behaviour !== undefined) {
                await serve(behaviour);
            }
            const { H1, DSO, H2, H3 } = await computed();
            expect(H1).toBe(code);
            expect(DSO?.length).toBeGreaterThan(100);
            expect([H2, H3]).toEqual([DSO, DSO]);
        },
        LIMIT_MS,
    );

    here(
        'adds nothing to what is written or answered: whose service says yes computes what the others do',
        async () => {
            await serve(yes);
            const { DSO, ...households } = await computed();
            expect(DSO?.length).toBeGreaterThan(100);
            expect(households).toEqual({ H1: DSO, H2: DSO, H3: DSO });
        },
    );

    here(
        'does not stop the community: others are a majority without the one that refuses',
        async () => {
            const { members, charter } = network;
            await serve(() => undefined);
            await new Community(members.operator.calls, await governorsNow(members)).scheduleTerms(laterTerms(charter));
            expect((await new Governance(members.operator.calls).charter())?.terms).toHaveLength(
                charter.terms.length + 1,
            );
        },
        LIMIT_MS,
    );

    here(
        "keeps readings off the ledger that are not the meter's, even with all keys of the household",
        async () => {
            const { members, charter } = network;
            const progress = { report: () => undefined };
            const record = (day: MeterDay): Promise<void> =>
                householdAgent(members, members.member('H1'), { charter, metered: day, progress }).recordReadings();
            const markers = () => new Metering(members.member('H1').calls).markers(metered.day);
            const other = sampleDay(HOMES.map((home) => ({ home, consumes: true, generates: true, peakW: 2_000 })));

            await expect(record(metered)).rejects.toMatchObject({
                refusal: { code: 'ATTESTATION_MISSING' },
                by: ['H1MSP'],
            });
            servers.push(await serveAttestation(socket, meterCheck({ home: 'H1', mspId: 'H1MSP', metered })));
            await expect(record(other)).rejects.toMatchObject({
                refusal: {
                    code: 'ATTESTATION_REFUSED',
                    detail: expect.stringContaining('the meter shows something else'),
                },
                by: ['H1MSP'],
            });
            expect(await markers()).toHaveLength(0);
            await record(metered);
            expect(await markers()).toHaveLength(96);
            // H2 has not asked for anything.
            await householdAgent(members, members.member('H2'), { charter, metered: other, progress }).recordReadings();
        },
        LIMIT_MS,
    );
});

/** Terms of the far future, which are nobody's loss. */
function laterTerms({ terms: [first] }: Charter): Terms {
    if (first === undefined) {
        throw new Error('the community has tariffs');
    }
    return { ...first, fromDay: '2001-01-01', toDay: '2001-12-31' };
}
