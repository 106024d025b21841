// Loaded before a program that must not reach the network: whatever tries to connect or to look up a name fails.
const net = require('node:net');
const dns = require('node:dns');

const refuse = (what) => () => {
  throw new Error(`the network is closed: ${what}`);
};
net.Socket.prototype.connect = refuse('connect');
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) {
  dns[name] = refuse(name);
  dns.promises[name] = refuse(name);
}
