// shows that something waits; a push carries nothing: its words, and the page it leads to, stand in this script's address
const said = new URL(location.href).searchParams;
// the one of before need not be waited for
addEventListener('install', () => skipWaiting());
addEventListener('push', (event) => {
  event.waitUntil(registration.showNotification(said.get('words') ?? '', { tag: 'waits' }));
});
addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(clients.openWindow(said.get('to') ?? '/ours'));
});
