// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device-managed resources, after drivers/base/devres.c of 6.1: each is a block with a header on the device's list, in
 * order of time, and is released in reverse order when the device goes. The header has the kernel's size, so a
 * block falls into the same size class.
 *
 *	dev->devres_head <-> [A] <-> (group opens) <-> [B] <-> [C] <-> (group closes) <-> [D]
 *
 * A group is a pair of marks on the same list; releasing it releases what lies between them. There is one thread, so no
 * lock. (devres.log and its tracepoint are not there.)
 */
#include "world.h"

#include "include/linux/bug.h"
#include "include/linux/device.h"
#include "include/linux/percpu.h"
#include "include/linux/string.h"

struct devres_node {
	struct list_head entry;
	dr_release_t release;
	const char *name;
	size_t size;
};

struct devres {
	struct devres_node node;
	u8 data[] __aligned(8);
};
_Static_assert(sizeof(struct devres) == 40, "the header has the kernel's size");

struct devres_group {
	struct devres_node node[2]; /* opens, closes */
	void *id;
};

/* ---- nodes ------------------------------------------------------------------------------------------------------- */

static void group_open_release(struct device *dev, void *res)
{
}

static void group_close_release(struct device *dev, void *res)
{
}

static struct devres_group *group_of(struct devres_node *node)
{
	if (node->release == group_open_release)
		return container_of(node, struct devres_group, node[0]);
	if (node->release == group_close_release)
		return container_of(node, struct devres_group, node[1]);
	return NULL;
}

static struct devres *devres_of(const void *res)
{
	return (struct devres *)((char *)res - offsetof(struct devres, data));
}

static __always_inline struct devres *alloc_dr(dr_release_t release, size_t size, gfp_t gfp,
					       const char *name)
{
	struct devres *dr;
	size_t total;

	native_enter();
	if (unlikely(check_add_overflow(sizeof(struct devres), size, &total)))
		return NULL;
	dr = kf_kmalloc(total, gfp);
	if (unlikely(!dr))
		return NULL;
	memset(&dr->node, 0, sizeof(dr->node));
	INIT_LIST_HEAD(&dr->node.entry);
	dr->node.release = release;
	dr->node.name = name;
	dr->node.size = size;
	return dr;
}

static void add_dr(struct device *dev, struct devres_node *node)
{
	BUG_ON(!list_empty(&node->entry));
	list_add_tail(&node->entry, &dev->devres_head);
}

/* The newest one that fits. */
static struct devres *find_dr(struct device *dev, dr_release_t release, dr_match_t match,
			      void *data)
{
	struct devres_node *node;

	native_enter();
	list_for_each_entry_reverse(node, &dev->devres_head, entry)
	{
		struct devres *dr = container_of(node, struct devres, node);

		if (node->release == release && (!match || match(dev, dr->data, data)))
			return dr;
	}
	return NULL;
}

/* ---- resources ----------------------------------------------------------------------------------------------------- */

NATIVE_API void *__devres_alloc_node(dr_release_t release, size_t size, gfp_t gfp, int nid,
				     const char *name)
{
	struct devres *dr = alloc_dr(release, size, gfp | __GFP_ZERO, name);

	return dr ? dr->data : NULL;
}

NATIVE_API void devres_for_each_res(struct device *dev, dr_release_t release, dr_match_t match,
				    void *match_data, void (*fn)(struct device *, void *, void *),
				    void *data)
{
	struct devres_node *node, *next;

	list_for_each_entry_safe_reverse(node, next, &dev->devres_head, entry)
	{
		struct devres *dr = container_of(node, struct devres, node);

		if (node->release == release && (!match || match(dev, dr->data, match_data)))
			fn(dev, dr->data, data);
	}
}

NATIVE_API void devres_free(void *res)
{
	if (!res)
		return;
	BUG_ON(!list_empty(&devres_of(res)->node.entry));
	kf_kfree(devres_of(res));
}

NATIVE_API void devres_add(struct device *dev, void *res)
{
	native_enter();
	add_dr(dev, &devres_of(res)->node);
}

NATIVE_API void *devres_find(struct device *dev, dr_release_t release, dr_match_t match,
			     void *match_data)
{
	struct devres *dr = find_dr(dev, release, match, match_data);

	return dr ? dr->data : NULL;
}

NATIVE_API void *devres_get(struct device *dev, void *new_res, dr_match_t match, void *match_data)
{
	struct devres *new_dr = devres_of(new_res);
	struct devres *dr = find_dr(dev, new_dr->node.release, match, match_data);

	if (!dr) {
		add_dr(dev, &new_dr->node);
		return new_dr->data;
	}
	devres_free(new_res);
	return dr->data;
}

NATIVE_API void *devres_remove(struct device *dev, dr_release_t release, dr_match_t match,
			       void *match_data)
{
	struct devres *dr = find_dr(dev, release, match, match_data);

	if (!dr)
		return NULL;
	list_del_init(&dr->node.entry);
	return dr->data;
}

NATIVE_API int devres_destroy(struct device *dev, dr_release_t release, dr_match_t match,
			      void *match_data)
{
	void *res = devres_remove(dev, release, match, match_data);

	if (!res)
		return -ENOENT;
	devres_free(res);
	return 0;
}

NATIVE_API int devres_release(struct device *dev, dr_release_t release, dr_match_t match,
			      void *match_data)
{
	void *res = devres_remove(dev, release, match, match_data);

	if (!res)
		return -ENOENT;
	release(dev, res);
	devres_free(res);
	return 0;
}

/* ---- releasing many ------------------------------------------------------------------------------------------------ */

static void release_node(struct device *dev, struct devres_node *node)
{
	struct devres *dr = container_of(node, struct devres, node);

	list_del_init(&node->entry);
	node->release(dev, dr->data);
	kf_kfree(dr);
}

static void drop_group(struct devres_group *group)
{
	list_del_init(&group->node[0].entry);
	if (!list_empty(&group->node[1].entry))
		list_del_init(&group->node[1].entry);
	kf_kfree(group);
}

/* From the newest node before `end` back to the one behind `start`. A release may add and remove others, so each step
 * looks at the list anew. Groups that end beyond stay. Returns how many resources were released. */
static int release_between(struct device *dev, struct list_head *start, struct list_head *end)
{
	int count = 0;

	for (struct list_head *pos = end->prev; pos != start;) {
		struct devres_node *node = list_entry(pos, struct devres_node, entry);
		struct devres_group *group = group_of(node);

		pos = pos->prev;
		if (!group) {
			release_node(dev, node);
			count++;
			pos = end->prev;
		} else if (node == &group->node[0] && list_empty(&group->node[1].entry)) {
			drop_group(group); /* opened in here, never closed */
			pos = end->prev;
		} else if (node == &group->node[0]) {
			struct list_head *close = pos->next;

			while (close != end && close != &group->node[1].entry)
				close = close->next;
			if (close != end) {
				drop_group(group);
				pos = end->prev;
			}
		}
	}
	return count;
}

NATIVE_API int devres_release_all(struct device *dev)
{
	native_enter();
	if (!dev->devres_head.next) {
		judge_warning("devres_release_all() of a device that is not initialised");
		return -ENODEV;
	}
	return release_between(dev, &dev->devres_head, &dev->devres_head);
}

/* Where the kernel has WARN_ON(): the resource is not on this device's list, or not any more. */
static void check_found(int error, const char *function)
{
	char text[128];

	if (!error)
		return;
	native_snprintf(text, sizeof(text),
			"%s(): not a resource of this device, or released already", function);
	judge_warning(text);
}

/* ---- groups ---------------------------------------------------------------------------------------------------------- */

static void init_mark(struct devres_node *node, dr_release_t release, const char *name)
{
	INIT_LIST_HEAD(&node->entry);
	node->release = release;
	node->name = name;
}

NATIVE_API void *devres_open_group(struct device *dev, void *id, gfp_t gfp)
{
	struct devres_group *group;

	native_enter();
	group = kf_kmalloc(sizeof(*group), gfp);
	if (unlikely(!group))
		return NULL;
	memset(group, 0, sizeof(*group));
	init_mark(&group->node[0], group_open_release, "grp<");
	init_mark(&group->node[1], group_close_release, "grp>");
	group->id = id ? id : group;
	add_dr(dev, &group->node[0]);
	return group->id;
}

/* By id; without one, the newest that is still open. */
static struct devres_group *find_group(struct device *dev, void *id)
{
	struct devres_node *node;

	list_for_each_entry_reverse(node, &dev->devres_head, entry)
	{
		struct devres_group *group = group_of(node);

		if (!group || node != &group->node[0])
			continue;
		if (id ? group->id == id : list_empty(&group->node[1].entry))
			return group;
	}
	return NULL;
}

NATIVE_API void devres_close_group(struct device *dev, void *id)
{
	struct devres_group *group = find_group(dev, id);

	check_found(group ? 0 : -ENOENT, __func__);
	if (group)
		add_dr(dev, &group->node[1]);
}

NATIVE_API void devres_remove_group(struct device *dev, void *id)
{
	struct devres_group *group = find_group(dev, id);

	check_found(group ? 0 : -ENOENT, __func__);
	if (group)
		drop_group(group);
}

NATIVE_API int devres_release_group(struct device *dev, void *id)
{
	struct devres_group *group = find_group(dev, id);
	struct list_head *end;
	int count;

	check_found(group ? 0 : -ENOENT, __func__);
	if (!group)
		return 0;
	end = list_empty(&group->node[1].entry) ? &dev->devres_head : &group->node[1].entry;
	count = release_between(dev, &group->node[0].entry, end);
	drop_group(group);
	return count;
}

/* ---- memory ------------------------------------------------------------------------------------------------------------ */

static void devm_kmalloc_release(struct device *dev, void *res)
{
}

static int devm_kmalloc_match(struct device *dev, void *res, void *data)
{
	return res == data;
}

static __always_inline void *managed(struct device *dev, size_t size, gfp_t gfp)
{
	struct devres *dr;

	if (unlikely(!size))
		return ZERO_SIZE_PTR;
	dr = alloc_dr(devm_kmalloc_release, size, gfp, "devm_kzalloc_release");
	if (unlikely(!dr))
		return NULL;
	add_dr(dev, &dr->node);
	return dr->data;
}

NATIVE_API void *devm_kmalloc(struct device *dev, size_t size, gfp_t gfp)
{
	return managed(dev, size, gfp);
}

NATIVE_API void *devm_kzalloc(struct device *dev, size_t size, gfp_t gfp)
{
	return managed(dev, size, gfp | __GFP_ZERO);
}

NATIVE_API void *devm_kmalloc_array(struct device *dev, size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	if (unlikely(check_mul_overflow(n, size, &bytes)))
		return NULL;
	return managed(dev, bytes, flags);
}

NATIVE_API void *devm_kcalloc(struct device *dev, size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	if (unlikely(check_mul_overflow(n, size, &bytes)))
		return NULL;
	return managed(dev, bytes, flags | __GFP_ZERO);
}

NATIVE_API void devm_kfree(struct device *dev, const void *p)
{
	native_enter();
	if (unlikely(ZERO_OR_NULL_PTR(p)))
		return;
	check_found(devres_destroy(dev, devm_kmalloc_release, devm_kmalloc_match, (void *)p),
		    __func__);
}

/* In place while the block's size class has room, else a new block takes its place on the list. */
NATIVE_API void *devm_krealloc(struct device *dev, void *ptr, size_t size, gfp_t gfp)
{
	struct devres *old, *new;
	size_t total, had;

	if (unlikely(!size)) {
		devm_kfree(dev, ptr);
		return ZERO_SIZE_PTR;
	}
	if (unlikely(ZERO_OR_NULL_PTR(ptr)))
		return managed(dev, size, gfp);
	if (unlikely(check_add_overflow(sizeof(struct devres), size, &total)))
		return NULL;
	old = find_dr(dev, devm_kmalloc_release, devm_kmalloc_match, ptr);
	if (!old) {
		judge_warning("Memory chunk not managed or managed by a different device.");
		return NULL;
	}
	had = kf_ksize(old);
	if (total <= had)
		return ptr;
	new = alloc_dr(devm_kmalloc_release, size, gfp, "devm_krealloc_release");
	if (!new)
		return NULL;
	list_replace(&old->node.entry, &new->node.entry);
	memcpy(new->data, old->data, had - offsetof(struct devres, data));
	kf_kfree(old);
	return new->data;
}

NATIVE_API void *devm_kmemdup(struct device *dev, const void *src, size_t len, gfp_t gfp)
{
	void *p = managed(dev, len, gfp);

	if (p && len)
		memcpy(p, src, len);
	return p;
}

NATIVE_API char *devm_kstrdup(struct device *dev, const char *s, gfp_t gfp)
{
	return s ? devm_kmemdup(dev, s, strlen(s) + 1, gfp) : NULL;
}

NATIVE_API const char *devm_kstrdup_const(struct device *dev, const char *s, gfp_t gfp)
{
	return devm_kstrdup(dev, s, gfp);
}

NATIVE_API char *devm_kvasprintf(struct device *dev, gfp_t gfp, const char *fmt, va_list ap)
{
	size_t len = (size_t)native_vsnprintf(NULL, 0, fmt, ap);
	char *p = managed(dev, len + 1, gfp);

	if (p)
		native_vsnprintf(p, len + 1, fmt, ap);
	return p;
}

NATIVE_API char *devm_kasprintf(struct device *dev, gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *p;

	va_start(args, fmt);
	p = devm_kvasprintf(dev, gfp, fmt, args);
	va_end(args);
	return p;
}

struct pages_devres {
	unsigned long addr;
	unsigned int order;
};

static void devm_pages_release(struct device *dev, void *res)
{
	struct pages_devres *pages = res;

	free_pages(pages->addr, pages->order);
}

static int devm_pages_match(struct device *dev, void *res, void *data)
{
	return ((struct pages_devres *)res)->addr == *(unsigned long *)data;
}

NATIVE_API unsigned long devm_get_free_pages(struct device *dev, gfp_t gfp_mask, unsigned int order)
{
	unsigned long addr = __get_free_pages(gfp_mask, order);
	struct pages_devres *pages;

	if (unlikely(!addr))
		return 0;
	pages = devres_alloc(devm_pages_release, sizeof(*pages), GFP_KERNEL);
	if (unlikely(!pages)) {
		free_pages(addr, order);
		return 0;
	}
	pages->addr = addr;
	pages->order = order;
	devres_add(dev, pages);
	return addr;
}

NATIVE_API void devm_free_pages(struct device *dev, unsigned long addr)
{
	check_found(devres_release(dev, devm_pages_release, devm_pages_match, &addr), __func__);
}

static void devm_percpu_release(struct device *dev, void *res)
{
	free_percpu(*(void __percpu **)res);
}

static int devm_percpu_match(struct device *dev, void *res, void *data)
{
	return *(void **)res == data;
}

NATIVE_API void __percpu *__devm_alloc_percpu(struct device *dev, size_t size, size_t align)
{
	void __percpu *pcpu = __alloc_percpu(size, align);
	void **p;

	if (!pcpu)
		return NULL;
	p = devres_alloc(devm_percpu_release, sizeof(*p), GFP_KERNEL);
	if (!p) {
		free_percpu(pcpu);
		return NULL;
	}
	*p = pcpu;
	devres_add(dev, p);
	return pcpu;
}

NATIVE_API void devm_free_percpu(struct device *dev, void __percpu *pdata)
{
	check_found(devres_release(dev, devm_percpu_release, devm_percpu_match, pdata), __func__);
}

/* ---- actions ----------------------------------------------------------------------------------------------------------- */

struct action_devres {
	void *data;
	void (*action)(void *);
};

static void devm_action_release(struct device *dev, void *res)
{
	struct action_devres *devres = res;

	devres->action(devres->data);
}

static int devm_action_match(struct device *dev, void *res, void *p)
{
	struct action_devres *devres = res, *target = p;

	return devres->action == target->action && devres->data == target->data;
}

NATIVE_API int devm_add_action(struct device *dev, void (*action)(void *), void *data)
{
	struct action_devres *devres =
		devres_alloc(devm_action_release, sizeof(*devres), GFP_KERNEL);

	if (!devres)
		return -ENOMEM;
	devres->data = data;
	devres->action = action;
	devres_add(dev, devres);
	return 0;
}

NATIVE_API int devm_add_action_or_reset(struct device *dev, void (*action)(void *), void *data)
{
	int ret = devm_add_action(dev, action, data);

	if (ret)
		action(data);
	return ret;
}

NATIVE_API void devm_remove_action(struct device *dev, void (*action)(void *), void *data)
{
	struct action_devres devres = {.data = data, .action = action};

	check_found(devres_destroy(dev, devm_action_release, devm_action_match, &devres), __func__);
}

NATIVE_API void devm_release_action(struct device *dev, void (*action)(void *), void *data)
{
	struct action_devres devres = {.data = data, .action = action};

	check_found(devres_release(dev, devm_action_release, devm_action_match, &devres), __func__);
}
