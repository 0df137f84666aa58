import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { attestationAnswer, type AttestationQuestion } from '../../api/attestation';
import { encode } from '../../api/wire';
import { refuse } from '../../domain/refusals';
import type { Attestation } from './attestation-file';

/** An answer is a few words. */
const MOST_BYTES = 4_096;
/** A service that is asked more at once is busy, not slow. */
const MOST_AT_ONCE = 64;

/** Asks an organisation's own service, over HTTP on this machine. Nothing but a plain yes in time lets a transaction pass. */
export class AttestationService {
    readonly #attestation: Attestation;
    #asking = 0;

    constructor(attestation: Attestation) {
        this.#attestation = attestation;
    }

    /** Refuses ATTESTATION_REFUSED with the service's words, ATTESTATION_MISSING where it gave no proper answer. */
    async confirm(question: AttestationQuestion): Promise<void> {
        const { mspId } = this.#attestation;
        const text = await this.#answerTo(question);
        const parsed = attestationAnswer.safeParse(jsonOf(text));
        if (!parsed.success || parsed.data.transactionId !== question.transactionId) {
            this.#missing('what it answered is no answer to this');
        }
        if (!parsed.data.attested) {
            refuse('ATTESTATION_REFUSED', `${mspId} says: ${printable(parsed.data.reason)}`);
        }
    }

    async #answerTo(question: AttestationQuestion): Promise<string> {
        if (this.#asking >= MOST_AT_ONCE) {
            this.#missing(`${this.#asking} questions are waiting for it`);
        }
        this.#asking += 1;
        try {
            return await posted(this.#attestation, encode(question));
        } catch (error) {
            return this.#missing(error instanceof Error ? error.message : String(error));
        } finally {
            this.#asking -= 1;
        }
    }

    #missing(why: string): never {
        refuse('ATTESTATION_MISSING', `${this.#attestation.mspId}: ${why}`);
    }
}

function posted({ place, limitMs }: Attestation, body: string): Promise<string> {
    const where: RequestOptions =
        place.kind === 'socket'
            ? { socketPath: place.path, path: '/attest' }
            : { host: place.host, port: place.port, path: place.path };
    return new Promise((resolve, reject) => {
        const asking = request(
            {
                ...where,
                method: 'POST',
                agent: false,
                headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
            },
            (answer) => {
                textOf(answer).then(resolve, reject);
            },
        );
        // Of the whole exchange: a service that drips its answer is late as well.
        const late = setTimeout(() => {
            asking.destroy(new Error(`no answer within ${limitMs} ms`));
        }, limitMs);
        asking.on('error', reject);
        asking.on('close', () => {
            clearTimeout(late);
        });
        asking.end(body);
    });
}

async function textOf(answer: IncomingMessage): Promise<string> {
    if (answer.statusCode !== 200) {
        answer.destroy();
        throw new Error(`it answered with status ${answer.statusCode ?? 0}`);
    }
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer) {
        size += (chunk as Buffer).length;
        if (size > MOST_BYTES) {
            throw new Error(`it answered with more than ${MOST_BYTES} bytes`);
        }
        chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks).toString();
}

function jsonOf(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return undefined;
    }
}

/** Words of the service reach a terminal; a bracketed code among them must not pass for one of ours. */
const printable = (text: string): string => text.replace(/[^\P{Cc}]/gu, ' ').replace(/[[\]]/g, '');
