import { render } from 'preact';
import { Root } from './app/root';
import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/layout.css';
import './styles/parts.css';
import './styles/pages.css';

const place = document.getElementById('app');
if (place === null) {
    throw new Error('the page has no place for the application');
}
render(<Root />, place);
