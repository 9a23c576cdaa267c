// asks the browser to be woken when something waits, and sends where; pages are whole without it
const place = document.querySelector('[data-push]'), end = document.querySelector('[data-end]');
const can = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
const own = async () => (await navigator.serviceWorker.getRegistration('/ours/'))?.pushManager.getSubscription();
const within = (seconds, deed) =>
  Promise.race([deed, new Promise((_, fail) => setTimeout(fail, seconds * 1000))]);

const begin = async () => {
  await navigator.serviceWorker.register(place.dataset.worker);
  // only one that runs can be woken
  const worker = await navigator.serviceWorker.ready;
  // an address that woke nobody stays what it is until it is given back
  await (await worker.pushManager.getSubscription())?.unsubscribe();
  return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: place.dataset.push });
};

if (place && !can) document.querySelector('[data-unable]').hidden = false;
if (place && can) {
  const form = place.querySelector('form'), answer = form.querySelector('[role=status]');
  const asleep = place.querySelector('[data-asleep]');
  let busy = false;
  place.hidden = false;
  if ('woken' in place.dataset) own().then((there) => (asleep.hidden = Boolean(there)));
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    answer.textContent = place.dataset.wait;
    try {
      if ((await Notification.requestPermission()) !== 'granted') throw 0;
      form.elements.endpoint.value = (await within(20, begin())).endpoint;
      form.submit();
    } catch {
      answer.textContent = place.dataset.failed;
    }
    busy = false;
  };
}
if (end && can) {
  end.onsubmit = async (event) => {
    event.preventDefault();
    await within(5, own().then((there) => there?.unsubscribe())).catch(() => {});
    end.submit();
  };
}
