// makes a passkey, or signs in with one: the button does it, and the form sends what came of it
const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), sign => sign.charCodeAt(0));
const text = buffer =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

const make = async said => {
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: new TextEncoder().encode(said.challenge),
      rp: { id: said.host, name: said.place },
      user: { id: bytes(said.user), name: said.handle, displayName: said.name },
      pubKeyCredParams: [-7, -8, -257].map(alg => ({ type: 'public-key', alg })),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
      // one is enough for each device
      excludeCredentials: (said.known ?? '').split(' ').filter(Boolean).map(id => ({ type: 'public-key', id: bytes(id) })),
    },
  });
  const answer = made.response;
  return {
    id: made.id,
    client_data: text(answer.clientDataJSON),
    device: text(answer.getAuthenticatorData()),
    public_key: text(answer.getPublicKey()),
  };
};

const use = async said => {
  const used = await navigator.credentials.get({
    publicKey: { challenge: new TextEncoder().encode(said.challenge), rpId: said.host, userVerification: 'required' },
  });
  const answer = used.response;
  return {
    id: used.id,
    client_data: text(answer.clientDataJSON),
    device: text(answer.authenticatorData),
    signature: text(answer.signature),
    user: answer.userHandle ? text(answer.userHandle) : '',
  };
};

for (const part of window.PublicKeyCredential ? document.querySelectorAll('[data-passkey]') : []) {
  const form = part.querySelector('form'), answer = part.querySelector('[role=status]');
  part.hidden = false;
  form.onsubmit = async event => {
    event.preventDefault();
    answer.textContent = '';
    const said = { ...part.dataset };
    for (const field of form.querySelectorAll('[data-from]')) {
      said[field.name] = field.value = document.getElementById(field.dataset.from).value;
    }
    try {
      const came = await (said.passkey === 'make' ? make(said) : use(said));
      for (const [name, value] of Object.entries(came)) form.elements[name].value = value;
      form.submit();
    } catch (why) {
      answer.textContent = (why.name === 'InvalidStateError' && said.there) || said.failed;
    }
  };
}
