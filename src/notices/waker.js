// shows that something waits; a push carries nothing, and the words stand in this script's address
addEventListener('push', (event) => {
  const words = new URL(location.href).searchParams.get('words') ?? '';
  event.waitUntil(registration.showNotification(words, { tag: 'waits' }));
});
addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(clients.openWindow('/ours'));
});
