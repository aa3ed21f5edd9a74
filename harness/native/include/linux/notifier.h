/* SPDX-License-Identifier: GPL-2.0-only */
/* Chains of callbacks, sorted by priority. */
#ifndef KFAIL_LINUX_NOTIFIER_H
#define KFAIL_LINUX_NOTIFIER_H

#include "errno.h"
#include "mutex.h"
#include "spinlock.h"

struct notifier_block;
typedef int (*notifier_fn_t)(struct notifier_block *nb, unsigned long action, void *data);

struct notifier_block {
	notifier_fn_t notifier_call;
	struct notifier_block *next;
	int priority;
};

struct raw_notifier_head {
	struct notifier_block *head;
};
struct atomic_notifier_head {
	spinlock_t lock;
	struct notifier_block *head;
};
struct blocking_notifier_head {
	struct mutex unused;
	struct notifier_block *head;
};

#define NOTIFY_DONE	 0x0000
#define NOTIFY_OK	 0x0001
#define NOTIFY_STOP_MASK 0x8000
#define NOTIFY_BAD	 (NOTIFY_STOP_MASK | 0x0002)
#define NOTIFY_STOP	 (NOTIFY_OK | NOTIFY_STOP_MASK)

#define RAW_NOTIFIER_HEAD(name)	       struct raw_notifier_head name = {.head = NULL}
#define ATOMIC_NOTIFIER_HEAD(name)     struct atomic_notifier_head name = {.head = NULL}
#define BLOCKING_NOTIFIER_HEAD(name)   struct blocking_notifier_head name = {.head = NULL}
#define RAW_INIT_NOTIFIER_HEAD(h)      ((h)->head = NULL)
#define ATOMIC_INIT_NOTIFIER_HEAD(h)   ((h)->head = NULL)
#define BLOCKING_INIT_NOTIFIER_HEAD(h) ((h)->head = NULL)

int native_chain_register(struct notifier_block **head, struct notifier_block *nb);
int native_chain_unregister(struct notifier_block **head, struct notifier_block *nb);
int native_chain_call(struct notifier_block **head, unsigned long action, void *data);
#define raw_notifier_chain_register(h, nb)	    native_chain_register(&(h)->head, nb)
#define raw_notifier_chain_unregister(h, nb)	    native_chain_unregister(&(h)->head, nb)
#define raw_notifier_call_chain(h, action, data)    native_chain_call(&(h)->head, action, data)
#define atomic_notifier_chain_register(h, nb)	    native_chain_register(&(h)->head, nb)
#define atomic_notifier_chain_unregister(h, nb)	    native_chain_unregister(&(h)->head, nb)
#define atomic_notifier_call_chain(h, action, data) native_chain_call(&(h)->head, action, data)
#define blocking_notifier_chain_register(h, nb)        \
	({                                             \
		might_sleep();                         \
		native_chain_register(&(h)->head, nb); \
	})
#define blocking_notifier_chain_unregister(h, nb)        \
	({                                               \
		might_sleep();                           \
		native_chain_unregister(&(h)->head, nb); \
	})
#define blocking_notifier_call_chain(h, action, data)        \
	({                                                   \
		might_sleep();                               \
		native_chain_call(&(h)->head, action, data); \
	})

#endif
