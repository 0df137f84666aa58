import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { organisation } from '@commonwatt/network/topology/topology';
import { serveAttestation } from '../attestation/attestation-server';
import { meterCheck } from '../attestation/meter-check';
import { contextOf, type CommonOptions } from './context';
import { chosenDay, meterData, rememberedDay, type DayOptions } from './day-choice';
import { EXIT } from './failure';

export type MeterServiceOptions = CommonOptions & DayOptions;

/**
 * Answers for a home's meter until it is ended: the home's own chaincode service asks it before the home's peer endorses readings. Writes
 * the home's attestation file where there is none.
 */
export async function meterService(home: string, options: MeterServiceOptions): Promise<number> {
    const { layout, topology } = contextOf(options);
    const owner = organisation(topology, home);
    const { directory, file } = layout.organisation(owner).attestation;
    const choice = options.day === undefined ? (rememberedDay(layout) ?? chosenDay(options)) : chosenDay(options);
    const { metered } = meterData(topology, choice);
    if (!existsSync(file)) {
        mkdirSync(directory, { recursive: true, mode: 0o700 });
        writeFileSync(file, `${JSON.stringify(QUESTIONS, null, 4)}\n`, { mode: 0o600 });
        say(`${file} is written: ${home}'s chaincode service heeds it from its next start`);
    }
    const socket = join(directory, SOCKET);
    const decide = meterCheck({ home: owner.id, mspId: owner.mspId, metered });
    const server = await serveAttestation(socket, (question) => {
        const reason = decide(question);
        say(`${question.transaction} by ${question.caller}: ${reason ?? 'confirmed'}`);
        return reason;
    });
    say(`the meter of ${home} answers for ${metered.day} at ${socket}`);
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    server.close();
    return EXIT.done;
}

const SOCKET = 'meter.sock';
const QUESTIONS = {
    service: `unix:${SOCKET}`,
    transactions: ['metering:recordReadings'],
    limitMs: 2_000,
    privateInputs: true,
};

function say(text: string): void {
    process.stderr.write(`${text}\n`);
}
