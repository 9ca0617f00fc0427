// The page of tablets and PINs, for the managers of shops.

import '../foundation/base.css';
import '../foundation/signIn.css';
import './tablets.css';
import { render } from 'preact';
import { App } from './app';

render(<App />, document.getElementById('app')!);
