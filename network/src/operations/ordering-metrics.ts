import { Counter, Gauge, type Registry } from 'prom-client';

/** Numbers of the ordering service under Fabric's names. */
export class OrderingMetrics {
    private readonly processed: Counter<'channel' | 'status'>;

    constructor(
        registry: Registry,
        private readonly channel: string,
    ) {
        this.processed = new Counter({
            name: 'broadcast_processed_count',
            help: 'The number of transactions processed.',
            labelNames: ['channel', 'status'],
            registers: [registry],
        });
    }

    /** What became of a message that was sent in. */
    count(status: string): void {
        this.processed.inc({ channel: this.channel, status });
    }

    /** Follows the chain that is served. */
    static follow(registry: Registry, channel: string, seats: number, height: () => number): void {
        const gauge = (name: string, help: string, value: () => number): void => {
            new Gauge({
                name,
                help,
                labelNames: ['channel'],
                registers: [registry],
                collect(): void {
                    this.set({ channel }, value());
                },
            });
        };
        gauge('ledger_blockchain_height', 'Height of the chain in blocks.', height);
        gauge('consensus_BFT_committed_block_number', 'The number of the latest committed block.', () => height() - 1);
        gauge('consensus_BFT_cluster_size', 'Number of nodes in this channel.', () => seats);
        gauge('participation_status', 'The channel participation status of the node: 1 if active.', () => 1);
    }
}
