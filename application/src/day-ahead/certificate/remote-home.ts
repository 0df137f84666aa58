import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { ScheduleClaim, ScheduleProblem, SubmissionRecord } from '@commonwatt/chaincode/api/records';
import { submissionRecord } from '@commonwatt/chaincode/api/records';
import { decode, encode } from '@commonwatt/chaincode/api/wire';
import { textOf } from '../../gateway/message-body';
import type { View } from '../schedule-agent';
import { NotAnswered } from './asked-home';
import { AGREE_PATH, ANSWER_PATH, answerReply, MOST_BYTES } from './messages';
import type { Agreeing } from './transport';

export interface HomeAddress {
    readonly home: string;
    readonly mspId: string;
    readonly host: string;
    readonly port: number;
    /** Name in its TLS certificate. */
    readonly name: string;
    /** PEM: its TLS authority. */
    readonly root: string;
}

const OK = 200;

/** A home whose agent runs elsewhere, as one coordinator asks it. */
export class RemoteHome implements Agreeing {
    readonly mspId: string;
    readonly #address: HomeAddress;
    readonly #agent: Agent;

    /** `tls`: PEM, with what the coordinator shows who it is. */
    constructor(address: HomeAddress, tls: { readonly certificate: Buffer; readonly key: Buffer }) {
        const { name, root } = address;
        this.mspId = address.mspId;
        this.#address = address;
        const own = { cert: tls.certificate, key: tls.key };
        this.#agent = new Agent({ keepAlive: true, ca: root, servername: name, ...own });
    }

    async answer(
        { day, iterationSeconds }: ScheduleProblem,
        { iteration, penalty, prices }: View,
    ): Promise<{ readonly energies: readonly bigint[] }> {
        const question = encode({ day, iteration, penalty, prices });
        const { energiesWh } = decode(answerReply, await this.#asked(ANSWER_PATH, question, iterationSeconds));
        return { energies: energiesWh };
    }

    async agree(
        { iterationSeconds }: ScheduleProblem,
        claim: ScheduleClaim,
        energiesWh: readonly bigint[],
    ): Promise<SubmissionRecord> {
        const question = encode({ claim, energiesWh });
        return decode(submissionRecord, await this.#asked(AGREE_PATH, question, iterationSeconds));
    }

    /** @throws NotAnswered, with what the home said or what became of the connection. */
    async #asked(path: string, question: string, limitSeconds: number): Promise<string> {
        const { home, host, port } = this.#address;
        const signal = AbortSignal.timeout(limitSeconds * 1000);
        try {
            const headers = { 'content-type': 'application/json' };
            const sent = request({ agent: this.#agent, host, port, path, method: 'POST', headers, signal });
            sent.end(question);
            const [response] = (await once(sent, 'response')) as [IncomingMessage];
            const text = await textOf(response, MOST_BYTES);
            if (response.statusCode === OK) {
                return text;
            }
            throw new NotAnswered(home, text);
        } catch (error) {
            throw error instanceof NotAnswered ? error : new NotAnswered(home, wordsOf(error, limitSeconds));
        }
    }

    close(): void {
        this.#agent.destroy();
    }
}

const wordsOf = (error: unknown, limitSeconds: number): string =>
    error instanceof Error && error.name === 'AbortError'
        ? `nothing came back in ${limitSeconds} s`
        : error instanceof Error
          ? error.message
          : String(error);
