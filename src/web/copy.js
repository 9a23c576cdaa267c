// puts a button behind each text that is made to be copied
for (const text of document.querySelectorAll('[data-copy]')) {
  const button = document.createElement('button'), answer = document.createElement('span');
  button.className = 'button';
  button.textContent = text.dataset.copy;
  answer.setAttribute('role', 'status');
  button.onclick = async () => {
    getSelection().selectAllChildren(text);
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      document.execCommand('copy');
    }
    answer.textContent = text.dataset.copied;
  };
  const line = document.createElement('p');
  line.className = 'copier';
  line.append(button, ' ', answer);
  text.after(line);
}
