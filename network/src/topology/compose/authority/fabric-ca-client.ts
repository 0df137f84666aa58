import { request } from 'node:https';
import { z } from 'zod';

/** Where an organisation's certificate authority of Fabric's kind is. */
export interface FabricCa {
    readonly host: string;
    readonly port: number;
    /** As the server calls itself; one server may be several. */
    readonly name: string;
    /** PEM of the root that its TLS certificate leads to. */
    readonly tlsRootPem: string;
}

/** Whose signature the authority takes for a registrar's. */
export interface Registrar {
    readonly certificatePem: string;
    /** ECDSA over SHA-256, DER, with low S. */
    sign(message: Uint8Array): Uint8Array;
}

export interface EnrolmentId {
    readonly id: string;
    readonly secret: string;
}

const LIMIT_MS = 15_000;
const MAX_ANSWER = 1024 * 1024;

const answer = z.object({
    success: z.boolean(),
    result: z.unknown(),
    errors: z.array(z.object({ code: z.number(), message: z.string() })).nullish(),
});

/** The two calls of Fabric's certificate authority that a member needs. */
export class FabricCaClient {
    constructor(private readonly ca: FabricCa) {}

    /**
     * @param csrPem the request, signed with the key that stays here.
     * @returns the certificate, PEM. @throws Error with what the authority says.
     */
    async enrol({ id, secret }: EnrolmentId, csrPem: string): Promise<string> {
        const body = JSON.stringify({ caname: this.ca.name, certificate_request: csrPem });
        const basic = Buffer.from(`${id}:${secret}`).toString('base64');
        const { Cert } = z
            .object({ Cert: z.base64() })
            .parse(await this.post('/api/v1/enroll', body, `Basic ${basic}`));
        return Buffer.from(Cert, 'base64').toString('utf8');
    }

    /** Makes an identity known. @returns with what it enrols. @throws Error with what the authority says. */
    async register(id: string, type: 'client' | 'admin' | 'peer', registrar: Registrar): Promise<EnrolmentId> {
        const path = '/api/v1/register';
        const body = JSON.stringify({ id, type, affiliation: '', max_enrollments: 1, caname: this.ca.name });
        const token = registrarToken('POST', path, body, registrar);
        const { secret } = z.object({ secret: z.string().min(1) }).parse(await this.post(path, body, token));
        return { id, secret };
    }

    private async post(path: string, body: string, authorization: string): Promise<unknown> {
        const { host, port, tlsRootPem, name } = this.ca;
        const text = await new Promise<string>((resolve, reject) => {
            const sent = request(
                {
                    host,
                    port,
                    path,
                    method: 'POST',
                    ca: tlsRootPem,
                    agent: false,
                    signal: AbortSignal.timeout(LIMIT_MS),
                    headers: {
                        authorization,
                        'content-type': 'application/json',
                        'content-length': Buffer.byteLength(body),
                    },
                },
                (response) => {
                    let received = '';
                    response.setEncoding('utf8');
                    response.on('data', (chunk: string) => {
                        received += chunk;
                        if (received.length > MAX_ANSWER) sent.destroy(new Error('the answer is too long'));
                    });
                    response.on('end', () => {
                        resolve(received);
                    });
                    response.on('error', reject);
                },
            );
            sent.on('error', (cause) => {
                reject(new Error(`${name} (${host}:${port}) does not answer: ${cause.message}`, { cause }));
            });
            sent.end(body);
        });
        const { success, result, errors } = answer.parse(JSON.parse(text));
        if (!success) {
            const why = (errors ?? []).map(({ code, message }) => `${message} (${code})`).join('; ');
            throw new Error(`${name} refuses ${path}: ${why}`);
        }
        return result;
    }
}

/** Certificate and signature over method, path, body and certificate, as the authority's servers since 1.4 want it. */
export function registrarToken(method: string, path: string, body: string, registrar: Registrar): string {
    const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');
    const certificate = base64(registrar.certificatePem);
    const signed = [method, base64(path), base64(body), certificate].join('.');
    return `${certificate}.${base64(registrar.sign(Buffer.from(signed)))}`;
}
