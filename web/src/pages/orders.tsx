import type { OwnOrder } from '@commonwatt/application/server/schemas/market';
import type { JSX } from 'preact';
import { useWords } from '../app/context';
import { Link } from '../app/navigation';
import { pathTo } from '../app/routes';
import { Table } from '../parts/table';
import { reasonText } from '../words/journal-text';

/** The home's own orders: what was asked for, what came of it, and why. */
export function OrdersTable({ orders }: { readonly orders: readonly OwnOrder[] }): JSX.Element {
    const { t, f } = useWords();
    return (
        <Table
            caption={t('market.own')}
            rows={orders}
            keyOf={({ slot, id }) => `${slot} ${id}`}
            columns={[
                {
                    title: t('market.time'),
                    cell: ({ slot }) => <Link to={pathTo('round', { slot })}>{f.slotSpan(slot)}</Link>,
                },
                { title: t('market.side'), cell: ({ side }) => t(side === 'buy' ? 'market.buy' : 'market.sell') },
                { title: t('market.ordered'), isNumber: true, cell: ({ energyWh }) => f.energy(energyWh) },
                {
                    title: t('market.limit'),
                    isNumber: true,
                    cell: ({ limit }) => (limit === null ? t('market.anyPrice') : f.price(limit)),
                },
                { title: t('market.filled'), isNumber: true, cell: ({ fillWh }) => f.energy(fillWh) },
                { title: t('market.amount'), isNumber: true, cell: ({ amountNanos }) => f.money(amountNanos) },
                {
                    title: t('market.outcome'),
                    isText: true,
                    cell: ({ reason }) => (reason === 'PENDING' ? t('market.pending') : reasonText(reason, t)),
                },
            ]}
        />
    );
}
