// What was agreed with a vendor: the same fields when it is granted and when it is changed.

import { html } from "/console/vendor/lit-html.js";
import { put } from "/console/api.js";
import { confirm } from "/console/dialog.js";
import { field, values } from "/console/parts.js";

export function termsFields(terms, failed) {
  return html`
    ${field("vendor", "Vendor", { value: terms.vendor, required: true, most: 200, failed, hint: "The company, as the agreement names it." })}
    ${field("contact", "Contact", { value: terms.contact, required: true, most: 200, failed, hint: "Whom to write to when something is wrong." })}
    ${field("purpose", "Purpose", { value: terms.purpose, required: true, most: 200, failed, hint: "What the data is for; a parent may be told this." })}
    ${field("agreement.id", "Agreement's number", { value: terms.agreement.id, required: true, most: 64, failed, hint: "As your register has it: letters, digits, . _ / -" })}
    ${field("agreement.ends_on", "Agreement ends on", { type: "date", value: terms.agreement.ends_on, required: true, failed, hint: "No token outlives it." })}`;
}

export function termsOf(form) {
  const { vendor, contact, purpose, ...rest } = values(form);
  return { vendor, contact, purpose, agreement: { id: rest["agreement.id"], ends_on: rest["agreement.ends_on"] } };
}

export function editTerms(page) {
  const { integration, path } = page;
  return confirm({
    title: "Change what was agreed",
    text: html`<p>It is kept as a version, with your name and the time.</p>`,
    fields: (failed) => termsFields(integration, failed),
    action: "Save", again: page.reload,
    run: async (form) => {
      await put(path, termsOf(form), integration.version);
      await page.reload();
    },
  });
}
