// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a driver registers with the kernel. Behind each thing stands one record, allocated in the
 * driver's name (so it is a point, and left behind it is a leak with its stack), and listed until
 * it is given back (so that native_registered() can say what is still there). Here: the records,
 * interrupts, DMA channels, notifier chains.
 */
#include "world.h"

#include "include/asm/dma.h"
#include "include/linux/interrupt.h"
#include "include/linux/reboot.h"
#include "include/linux/string.h"

/* ---- records ---- */

struct native_resource *native_resource_add(const char *type, const void *key, const char *name,
					    uint64_t caller)
{
	struct native_resource *res = kf_kmalloc(sizeof(*res), KF_GFP_KERNEL | KF_GFP_ZERO);

	if (!res)
		return NULL;
	res->type = type;
	res->key = key;
	res->caller = caller;
	strscpy(res->name, name ? name : "", sizeof(res->name));
	res->next = native_state.resources;
	native_state.resources = res;
	return res;
}

struct native_resource *native_resource_find(const char *type, const void *key)
{
	struct native_resource *res = native_state.resources;

	while (res && (res->type != type || res->key != key))
		res = res->next;
	return res;
}

struct native_resource *native_resource_overlap(const char *type, uint64_t first, uint64_t last)
{
	struct native_resource *res = native_state.resources;

	while (res && (res->type != type || res->first > last || res->last < first))
		res = res->next;
	return res;
}

void native_resource_remove(struct native_resource *res)
{
	struct native_resource *pos = native_state.resources;

	if (pos == res)
		native_state.resources = res->next;
	for (; pos && pos != res; pos = pos->next)
		if (pos->next == res)
			pos->next = res->next;
	kf_kfree(res);
}

/* ---- interrupts ---- */

static const char irq_type[] = "irq";

static int add_irq(unsigned int irq, unsigned long flags, const char *name, void *dev,
		   uint64_t caller)
{
	struct native_resource *res = native_resource_overlap(irq_type, irq, irq);

	native_may_sleep("request_irq");
	if ((flags & IRQF_SHARED) && !dev)
		return -EINVAL;
	if (res && !(flags & IRQF_SHARED))
		return -EBUSY;
	res = native_resource_add(irq_type, dev, name, caller);
	if (!res)
		return -ENOMEM;
	res->first = res->last = irq;
	return 0;
}

NATIVE_API int request_threaded_irq(unsigned int irq, irq_handler_t handler,
				    irq_handler_t thread_fn, unsigned long flags, const char *name,
				    void *dev)
{
	if (!handler && !thread_fn)
		return -EINVAL;
	return add_irq(irq, flags, name, dev, NATIVE_CALLER());
}

NATIVE_API int request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags,
			   const char *name, void *dev)
{
	return handler ? add_irq(irq, flags, name, dev, NATIVE_CALLER()) : -EINVAL;
}

NATIVE_API const void *free_irq(unsigned int irq, void *dev_id)
{
	struct native_resource *res = native_state.resources;

	native_may_sleep("free_irq");
	while (res && (res->type != irq_type || res->key != dev_id || res->first != irq))
		res = res->next;
	if (res)
		native_resource_remove(res);
	else
		judge_warning("free_irq() of an interrupt that is free already");
	return NULL;
}

/* ---- DMA channels: no allocation, so only a second try finds one that was not given back ---- */

NATIVE_API int request_dma(unsigned int channel, const char *device_id)
{
	native_enter();
	if (channel >= MAX_DMA_CHANNELS)
		return -EINVAL;
	if (native_state.dma_channels & BIT(channel))
		return -EBUSY;
	native_state.dma_channels |= BIT(channel);
	return 0;
}

NATIVE_API void free_dma(unsigned int channel)
{
	native_enter();
	if (channel < MAX_DMA_CHANNELS && native_state.dma_channels & BIT(channel))
		native_state.dma_channels &= ~BIT(channel);
	else
		_printk(KERN_WARNING "Trying to free DMA%u, which is free already\n", channel);
}

/* ---- notifier chains: linked through the driver's own blocks ---- */

NATIVE_API int native_chain_register(struct notifier_block **link, struct notifier_block *nb)
{
	native_enter();
	for (; *link; link = &(*link)->next) {
		if (*link == nb) {
			judge_warning("a notifier callback is registered twice");
			return -EEXIST;
		}
		if (nb->priority > (*link)->priority)
			break;
	}
	nb->next = *link;
	*link = nb;
	return 0;
}

NATIVE_API int native_chain_unregister(struct notifier_block **link, struct notifier_block *nb)
{
	native_enter();
	for (; *link; link = &(*link)->next)
		if (*link == nb) {
			*link = nb->next;
			return 0;
		}
	return -ENOENT;
}

NATIVE_API int native_chain_call(struct notifier_block **head, unsigned long action, void *data)
{
	int result = NOTIFY_DONE;

	native_enter();
	for (struct notifier_block *nb = *head, *next; nb; nb = next) {
		next = nb->next;
		result = nb->notifier_call(nb, action, data);
		if (result & NOTIFY_STOP_MASK)
			break;
	}
	return result;
}

NATIVE_API int register_reboot_notifier(struct notifier_block *nb)
{
	native_may_sleep("register_reboot_notifier");
	return native_chain_register((struct notifier_block **)&native_state.reboot_chain, nb);
}

NATIVE_API int unregister_reboot_notifier(struct notifier_block *nb)
{
	native_may_sleep("unregister_reboot_notifier");
	return native_chain_unregister((struct notifier_block **)&native_state.reboot_chain, nb);
}

/* ---- what is still there ---- */

static void chain_registered(void *head, const char *place, native_visit *fn, void *arg)
{
	struct notifier_block **link = head;

	for (; *link; link = &(*link)->next)
		if (native_in_module((uint64_t)*link))
			fn((uint64_t)link, (uint64_t)*link, place, arg);
}

void native_registered(native_visit *fn, void *arg)
{
	struct native_resource *res = native_state.resources;

	chain_registered(&native_state.reboot_chain, "the chain of reboot notifiers", fn, arg);
	chain_registered(&native_state.oom_chain, "the chain of OOM notifiers", fn, arg);
	native_mapped_pages(fn, arg);
	for (; res; res = res->next) {
		char text[128];

		if (!native_in_module(res->caller))
			continue;
		scnprintf(text, sizeof(text), "%s \"%s\", still registered", res->type, res->name);
		fn((uint64_t)&res->caller, res->caller, text, arg);
	}
}
