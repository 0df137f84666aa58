import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScheduleProblem } from '@commonwatt/chaincode/api/records';
import { fraction } from '@commonwatt/chaincode/domain/quantity';
import { poolEnergy } from '@commonwatt/chaincode/domain/schedule/exchange';
import { KeptAgreements } from '../day-ahead/certificate/kept-agreements';
import { KeptAnswer } from '../day-ahead/kept-answer';
import { ScheduleAgent } from '../day-ahead/schedule-agent';
import { OwnerKeys } from '../household/keys';
import type { MemberGateway } from '../gateway/member-gateway';
import { TypedCalls } from '../market/typed-calls';
import type { StepInput } from '../schedule/models/household-model';

const ROOM = { importLimitWh: 20_000n, exportLimitWh: 20_000n };
const PENALTY = 50_000n;

/** The worked problem E1 in one slot: a generator, 0.02g² + 0.05g, and an elastic load, ½·0.05(d − 10)², who agree on 5 kWh at 0.25. */
export const EXCHANGE: ScheduleProblem = {
    day: '2014-10-03',
    iterationSeconds: 10,
    slots: 1,
    iterations: 200,
    primalToleranceWh: 2n,
    dualTolerance: 1_000_000n,
    overRelaxation: fraction(1n, 2n),
    penalty: { initial: PENALTY, least: 1n, most: 1_000_000n, adaptiveUntil: 0 },
    networkWeight: 'one',
    households: [
        { mspId: 'H1MSP', bus: 'root', ...ROOM, importLimitWh: 0n },
        { mspId: 'H2MSP', bus: 'root', ...ROOM, exportLimitWh: 0n },
    ],
    grid: [{ retail: 300_000_000n, feedIn: 100_000_000n, importLimitWh: 1_000_000n, exportLimitWh: 1_000_000n }],
    floor: 0n,
    cap: 500_000_000n,
    firstPrices: [{ bus: 'root', pricesNanos: [200_000_000n] }],
};

/** Its homes, with keys and files of their own. */
export class ExchangeHomes {
    readonly #folder = mkdtempSync(join(tmpdir(), 'commonwatt-exchange-'));

    /** As its agent is after each start: what it knows it has from its files. */
    agent(mspId: string): ScheduleAgent {
        const [keyPath, saltKeyPath] = [join(this.#folder, `${mspId}.pem`), join(this.#folder, `${mspId}.salt`)];
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        writeFileSync(keyPath, privateKey.export({ type: 'pkcs8', format: 'pem' }));
        writeFileSync(saltKeyPath, 'no secret of anybody');
        const offline: Partial<MemberGateway> = { mspId };
        return new ScheduleAgent({
            home: mspId.replace('MSP', ''),
            operator: 'DSOMSP',
            calls: new TypedCalls(offline as MemberGateway),
            keys: new OwnerKeys({ keyPath, saltKeyPath }),
            kept: new KeptAnswer(join(this.#folder, `${mspId}.answer.json`)),
            agreements: new KeptAgreements(join(this.#folder, `${mspId}.agreements.jsonl`)),
            model: {
                slots: 1,
                step: (input) => {
                    const energies = [poolEnergy(BigInt(Math.round(bestOf(mspId, input))))];
                    return Promise.resolve({ energies, plans: [{ device: 'all', energies }] });
                },
            },
            firstReference: [0],
        });
    }

    remove(): void {
        rmSync(this.#folder, { recursive: true });
    }
}

function bestOf(mspId: string, { prices, reference }: StepInput): number {
    const [price, z, rho] = [Number(prices[0] ?? 0n), reference[0] ?? 0, Number(PENALTY)];
    return mspId === 'H1MSP'
        ? Math.min(0, -(price - 50e6 - rho * z) / (40e3 + rho))
        : Math.max(0, (500e6 - price + rho * z) / (50e3 + rho));
}
