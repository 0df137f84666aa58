import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Authority } from '@commonwatt/network/topology/identities/authority';
import { textOf } from '../../gateway/message-body';
import { EXCHANGE, ExchangeHomes } from '../../testing/exchange-homes';
import { AskedHome } from './asked-home';
import { serveHome } from './home-service';
import { ANSWER_PATH } from './messages';
import { agreeOffLedger } from './off-ledger';
import { RemoteHome } from './remote-home';

const [DSO, H1, H2] = ['DSOMSP', 'H1MSP', 'H2MSP'];
/** Where each home listens. */
const ports = new Map<string, number>();
const HOST = '127.0.0.1';

interface Member {
    readonly root: string;
    readonly tls: { readonly certificate: Buffer; readonly key: Buffer };
}

async function member(mspId: string): Promise<Member> {
    const authority = await Authority.create({ commonName: `tlsca.${mspId}` });
    const made = await authority.issue({ commonName: `peer0.${mspId}`, usage: 'tls', names: [`peer0.${mspId}`] });
    const tls = { certificate: Buffer.from(made.certificatePem), key: Buffer.from(made.privateKeyPem) };
    return { root: authority.certificatePem, tls };
}

const homes = new ExchangeHomes();
const members = new Map<string, Member>();
const served: { close(): void }[] = [];
const of = (mspId: string): Member => {
    const found = members.get(mspId);
    if (found === undefined) {
        throw new Error(mspId);
    }
    return found;
};

beforeAll(async () => {
    for (const mspId of [DSO, H1, H2, 'H3MSP']) {
        members.set(mspId, await member(mspId));
    }
    const askers = new Map([DSO, H2].map((mspId) => [mspId, of(mspId).root]));
    for (const mspId of [H1, H2]) {
        const home = new AskedHome(homes.agent(mspId), EXCHANGE);
        const service = await serveHome({ host: HOST, port: 0, tls: of(mspId).tls, askers }, home);
        ports.set(mspId, service.port);
        served.push(service);
    }
});
afterAll(() => {
    served.forEach((service) => {
        service.close();
    });
    homes.remove();
});

const opened: RemoteHome[] = [];
function reached(asker: string, mspId: string, at = mspId): RemoteHome {
    const address = { home: mspId, mspId, host: HOST, port: ports.get(at) ?? 0 };
    const home = new RemoteHome({ ...address, name: `peer0.${mspId}`, root: of(mspId).root }, of(asker).tls);
    opened.push(home);
    return home;
}
afterAll(() => {
    opened.forEach((home) => {
        home.close();
    });
});

const VIEW = { iteration: 0, penalty: 50_000n, prices: EXCHANGE.firstPrices };

describe('homes that are asked over the network', () => {
    it('agree with the grid operator as they would in one process', async () => {
        const [local, remote] = await Promise.all(
            [
                [H1, H2].map((mspId) => new AskedHome(homes.agent(mspId), EXCHANGE).askedBy(DSO)),
                [H1, H2].map((mspId) => reached(DSO, mspId)),
            ].map(async (all) => agreeOffLedger(EXCHANGE, all)),
        );
        expect(remote?.claim).toBeDefined();
        expect(remote).toEqual(local);
        const agreement = await reached(DSO, H1).agree(
            EXCHANGE,
            remote?.claim ?? { day: EXCHANGE.day, gridWh: [], prices: [] },
            remote?.energies.get(H1) ?? [],
        );
        expect(agreement).toMatchObject({ mspId: H1, day: EXCHANGE.day, energiesWh: remote?.energies.get(H1) });
    });

    it('say why they do not answer', async () => {
        await expect(reached(H2, H1).answer(EXCHANGE, VIEW)).rejects.toThrow('H1 does not answer: DSOMSP is asking it');
        const another = { ...EXCHANGE, day: '2014-10-04' };
        await expect(reached(DSO, H1).answer(another, VIEW)).rejects.toThrow('about 2014-10-03, not 2014-10-04');
        const claim = { day: EXCHANGE.day, gridWh: [0n], prices: EXCHANGE.firstPrices };
        await expect(reached(DSO, H2).agree(EXCHANGE, claim, [4n])).rejects.toThrow('not what H2 answered to');
    });

    it('let in nobody but grid operator and seats, and talk to nobody who is not at the home', async () => {
        await expect(reached('H3MSP', H1).answer(EXCHANGE, VIEW)).rejects.toThrow(
            /H1MSP does not answer: .*(alert|ECONN|socket)/,
        );
        await expect(reached(DSO, H2, H1).answer(EXCHANGE, VIEW)).rejects.toThrow(
            /does not answer: .*(certificate|altnames)/i,
        );
        await expect(reached(DSO, 'H3MSP').answer(EXCHANGE, VIEW)).rejects.toThrow('does not answer');
    });

    it.each([
        { what: 'no JSON', path: ANSWER_PATH, body: 'prices', status: 400 },
        {
            what: 'prices that are none',
            path: ANSWER_PATH,
            body: '{"day":"2014-10-03","iteration":"0","penalty":"1","prices":"high"}',
            status: 400,
        },
        { what: 'another path', path: '/', body: '{}', status: 400 },
    ])('refuse $what', async ({ path, body, status }) => {
        const { certificate, key } = of(DSO).tls;
        const own = { cert: certificate, key, ca: of(H1).root, servername: 'peer0.H1MSP' };
        const sent = request({ host: HOST, port: ports.get(H1), path, method: 'POST', agent: false, ...own });
        sent.end(body);
        const [response] = (await once(sent, 'response')) as [IncomingMessage];
        await textOf(response, 10_000);
        expect(response.statusCode).toBe(status);
    });
});
