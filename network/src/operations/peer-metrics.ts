import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

import { common, peer } from '@hyperledger/fabric-protos';

import type { CommitEvent } from '../peer/ledger/api';

const SECONDS = [0.005, 0.01, 0.015, 0.05, 0.1, 1, 10];

/** The enum's names by number. */
const namesOf = (values: object): ReadonlyMap<number, string> =>
    new Map(Object.entries(values).map(([name, number]) => [Number(number), name]));
const CODES = namesOf(peer.TxValidationCode);
const TYPES = namesOf(common.HeaderType);

/** Outcome of one proposal. */
export interface ProposalOutcome {
    readonly channel: string;
    readonly chaincode: string;
    readonly seconds: number;
    readonly isSuccess: boolean;
}

/** What one peer tells of itself. */
export interface PeerObserver {
    readonly proposalReceived: () => void;
    /** Turned down before anything was simulated. */
    readonly proposalRefused: () => void;
    readonly proposalEnded: (outcome: ProposalOutcome) => void;
    readonly opened: (channel: string, height: number) => void;
    readonly committed: (channel: string, event: CommitEvent, seconds: number) => void;
}

/** For peers that nobody observes. */
export const UNOBSERVED: PeerObserver = {
    proposalReceived: () => undefined,
    proposalRefused: () => undefined,
    proposalEnded: () => undefined,
    opened: () => undefined,
    committed: () => undefined,
};

/** Numbers of the peers of this process under Fabric's names; the label `node` tells whose. */
export class PeerMetrics {
    private readonly received;
    private readonly refused;
    private readonly successful;
    private readonly duration;
    private readonly height;
    private readonly transactions;
    private readonly processing;

    constructor(registry: Registry) {
        const registers = [registry];
        const counter = <L extends string>(name: string, help: string, ...labels: L[]): Counter<L | 'node'> =>
            new Counter({ name, help, labelNames: [...labels, 'node'], registers });
        this.received = counter('endorser_proposals_received', 'The number of proposals received.');
        this.refused = counter(
            'endorser_proposal_validation_failures',
            'The number of proposals that have failed initial validation.',
        );
        this.successful = counter('endorser_successful_proposals', 'The number of successful proposals.');
        this.duration = new Histogram({
            name: 'endorser_proposal_duration',
            help: 'The time to complete a proposal.',
            labelNames: ['channel', 'chaincode', 'success', 'node'],
            buckets: SECONDS,
            registers,
        });
        this.height = new Gauge({
            name: 'ledger_blockchain_height',
            help: 'Height of the chain in blocks.',
            labelNames: ['channel', 'node'],
            registers,
        });
        this.transactions = counter(
            'ledger_transaction_count',
            'Number of transactions processed.',
            'channel',
            'transaction_type',
            'validation_code',
        );
        this.processing = new Histogram({
            name: 'ledger_block_processing_time',
            help: 'Time taken in seconds for ledger block processing.',
            labelNames: ['channel', 'node'],
            buckets: SECONDS,
            registers,
        });
    }

    of(node: string): PeerObserver {
        return {
            proposalReceived: () => {
                this.received.inc({ node });
            },
            proposalRefused: () => {
                this.refused.inc({ node });
            },
            proposalEnded: ({ channel, chaincode, seconds, isSuccess }) => {
                this.duration.observe({ channel, chaincode, success: String(isSuccess), node }, seconds);
                if (isSuccess) this.successful.inc({ node });
            },
            opened: (channel, height) => {
                this.height.set({ channel, node }, height);
            },
            committed: (channel, { number, transactions }, seconds) => {
                this.height.set({ channel, node }, number + 1);
                this.processing.observe({ channel, node }, seconds);
                for (const { type, code } of transactions) {
                    const labels = {
                        transaction_type: TYPES.get(type) ?? 'unknown',
                        validation_code: CODES.get(code) ?? 'unknown',
                    };
                    this.transactions.inc({ channel, node, ...labels });
                }
            },
        };
    }
}
