import type { JSX } from 'preact';
import { Link } from '../app/navigation';
import { pathTo } from '../app/routes';
import { useWords } from '../app/context';
import { Page } from '../parts/page';

export function NotFoundPage(): JSX.Element {
    const { t } = useWords();
    return (
        <Page title={t('state.noPage')}>
            <p>
                <Link to={pathTo('now')}>{t('state.toStart')}</Link>
            </p>
        </Page>
    );
}
