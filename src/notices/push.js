// asks the browser to be woken when something waits, and sends where; pages are whole without it
const place = document.querySelector('[data-push]');
if (place && 'serviceWorker' in navigator && 'PushManager' in window) {
  const form = place.querySelector('form');
  place.hidden = false;
  form.onsubmit = async (event) => {
    event.preventDefault();
    try {
      const worker = await navigator.serviceWorker.register(place.dataset.worker);
      const wanted = { userVisibleOnly: true, applicationServerKey: place.dataset.push };
      const there = (await worker.pushManager.getSubscription()) ?? (await worker.pushManager.subscribe(wanted));
      form.elements.endpoint.value = there.endpoint;
      form.submit();
    } catch {
      place.querySelector('[role=status]').textContent = place.dataset.failed;
    }
  };
}
