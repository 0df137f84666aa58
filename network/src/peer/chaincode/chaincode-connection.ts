import { peer } from '@hyperledger/fabric-protos';

import { insecureChannel, secureChannel, type ClientCertificate, type SecureChannel } from '../secure-channel';
import type { ChaincodeEndpoint, ChaincodePackage } from './chaincode-package';
import { ChaincodeStream, STREAM_TERMINATED, type NestedInvocation } from './chaincode-stream';
import type { TransactionContext } from './transaction-context';

export interface ChaincodeLog {
    info(message: string): void;
    warn(message: string): void;
}

function channelTo({ address, tls }: ChaincodeEndpoint, own: ClientCertificate): SecureChannel {
    if (!tls) return insecureChannel();
    return secureChannel({ address, roots: tls.rootPem, serverName: tls.serverName }, tls.client ?? own);
}

function waitUntilReady(client: peer.ChaincodeClient, endpoint: ChaincodeEndpoint): Promise<void> {
    return new Promise((resolve, reject) => {
        client.waitForReady(Date.now() + endpoint.dialTimeoutMs, (cause) => {
            if (!cause) resolve();
            else reject(new Error(`error creating grpc connection to ${endpoint.address}: ${cause.message}`));
        });
    });
}

interface Launched {
    readonly client: peer.ChaincodeClient;
    readonly stream: ChaincodeStream;
}

/**
 * One peer's way to one installed chaincode. It connects when it is first needed, and again after the service went away, so a
 * restarted service is picked up by the next transaction.
 */
export class ChaincodeConnection {
    private launching: Promise<Launched> | undefined;

    constructor(
        private readonly installed: ChaincodePackage,
        private readonly certificate: ClientCertificate,
        private readonly nested: NestedInvocation,
        private readonly log: ChaincodeLog,
    ) {}

    /** Connects if it is not connected. Throws with the words of Fabric's launcher. */
    async launch(): Promise<void> {
        await this.stream();
    }

    async execute(
        context: TransactionContext,
        isInit: boolean,
        input: Uint8Array,
        limitMs: number,
    ): Promise<peer.ChaincodeMessage> {
        const stream = await this.stream();
        try {
            return await stream.execute(context, isInit, input, limitMs);
        } catch (cause) {
            throw new Error(`error sending: ${cause instanceof Error ? cause.message : STREAM_TERMINATED}`, { cause });
        }
    }

    async close(): Promise<void> {
        const launched = await this.launching?.catch(() => undefined);
        launched?.stream.close('the peer stops');
        launched?.client.close();
    }

    private async stream(): Promise<ChaincodeStream> {
        this.launching ??= this.start();
        const current = this.launching;
        try {
            return (await current).stream;
        } catch (cause) {
            if (this.launching === current) this.launching = undefined;
            const why = cause instanceof Error ? cause.message : String(cause);
            throw new Error(`could not launch chaincode ${this.installed.packageId}: ${why}`, { cause });
        }
    }

    private async start(): Promise<Launched> {
        const { packageId, endpoint } = this.installed;
        const { credentials, options } = channelTo(endpoint, this.certificate);
        const client = new peer.ChaincodeClient(endpoint.address, credentials, options);
        try {
            await waitUntilReady(client, endpoint).catch((cause: unknown) => {
                const why = cause instanceof Error ? cause.message : String(cause);
                throw new Error(`error cannot create connection for ${packageId}: ${why}`, { cause });
            });
            const stream = new ChaincodeStream(packageId, client.connect(), this.nested, {
                closed: (reason) => {
                    this.ended(client, reason);
                },
                warn: (message) => {
                    this.log.warn(message);
                },
            });
            await stream.ready;
            this.log.info(`chaincode ${packageId} is ready at ${endpoint.address}`);
            return { client, stream };
        } catch (cause) {
            client.close();
            const why = cause instanceof Error ? cause.message : String(cause);
            throw new Error(`connection to ${packageId} failed: ${why}`, { cause });
        }
    }

    private ended(client: peer.ChaincodeClient, reason: string): void {
        this.log.warn(`connection to ${this.installed.packageId} terminated: ${reason}`);
        this.launching = undefined;
        client.close();
    }
}
