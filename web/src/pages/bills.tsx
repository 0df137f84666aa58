import type { Bills, BillSummary } from '@commonwatt/application/server/schemas/bills';
import type { JSX } from 'preact';
import { useResource } from '../api/use-resource';
import { useWords } from '../app/context';
import { Link } from '../app/navigation';
import { pathTo } from '../app/routes';
import { Page } from '../parts/page';
import { Empty, Shown } from '../parts/states';

/** All bills, the newest first. */
export function BillsPage(): JSX.Element {
    const { t } = useWords();
    const resource = useResource<Bills>('bills', ['bill']);
    return (
        <Page title={t('bill.all')}>
            <Shown resource={resource}>
                {({ bills }) =>
                    bills.length === 0 ? (
                        <Empty>{t('bill.none')}</Empty>
                    ) : (
                        <ul class="list">
                            {bills.map((bill) => (
                                <Row key={bill.id} bill={bill} />
                            ))}
                        </ul>
                    )
                }
            </Shown>
        </Page>
    );
}

function Row({ bill: { id, from, to, dueMinor, provisional, paid } }: { readonly bill: BillSummary }): JSX.Element {
    const { t, f } = useWords();
    return (
        <li>
            <Link to={pathTo('bill', { id })} class="row">
                <span class="grow">{f.days(from, to)}</span>
                {provisional && <span class="tag">{t('bill.provisional')}</span>}
                {paid === false && <span class="tag bad">{t('bill.unpaid')}</span>}
                <strong class="number">{f.minor(dueMinor)}</strong>
            </Link>
        </li>
    );
}
