// What a browser has and Node.js 20 has not.
import { EventSource } from 'eventsource';
import WebSocket from 'ws';

Object.assign(globalThis, { EventSource, WebSocket });
