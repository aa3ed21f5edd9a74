// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device-managed resources, after drivers/base/devres.c of 6.1: each is a block with a header on the device's list, in
 * order of time, and is released in reverse order when the device goes. The header has the kernel's size, so a
 * block falls into the same size class.
 *
 *	dev->devres_head <-> [A] <-> (group opens) <-> [B] <-> [C] <-> (group closes) <-> [D]
 *
 * A group is a pair of marks on the same list; releasing it releases what lies between them. There is one thread, so no
 * lock. (devres.log and its tracepoint are not there.) What drivers put on the list by devm_*() is in devm.c.
 */
#include "world.h"

#include "include/linux/bug.h"
#include "devres.h"

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
	struct devres *dr = native_devres_alloc(release, size, gfp | __GFP_ZERO, name);

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
	BUG_ON(!list_empty(&native_devres_of(res)->node.entry));
	kf_kfree(native_devres_of(res));
}

NATIVE_API void devres_add(struct device *dev, void *res)
{
	native_enter();
	add_dr(dev, &native_devres_of(res)->node);
}

NATIVE_API void *devres_find(struct device *dev, dr_release_t release, dr_match_t match,
			     void *match_data)
{
	struct devres *dr = find_dr(dev, release, match, match_data);

	return dr ? dr->data : NULL;
}

NATIVE_API void *devres_get(struct device *dev, void *new_res, dr_match_t match, void *match_data)
{
	struct devres *new_dr = native_devres_of(new_res);
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

void native_devres_check(int error, const char *function)
{
	char text[128];

	if (!error)
		return;
	native_snprintf(text, sizeof(text),
			"%s(): not a resource of this device, or released already", function);
	judge_warning(text);
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

	native_devres_check(group ? 0 : -ENOENT, __func__);
	if (group)
		add_dr(dev, &group->node[1]);
}

NATIVE_API void devres_remove_group(struct device *dev, void *id)
{
	struct devres_group *group = find_group(dev, id);

	native_devres_check(group ? 0 : -ENOENT, __func__);
	if (group)
		drop_group(group);
}

NATIVE_API int devres_release_group(struct device *dev, void *id)
{
	struct devres_group *group = find_group(dev, id);
	struct list_head *end;
	int count;

	native_devres_check(group ? 0 : -ENOENT, __func__);
	if (!group)
		return 0;
	end = list_empty(&group->node[1].entry) ? &dev->devres_head : &group->node[1].entry;
	count = release_between(dev, &group->node[0].entry, end);
	drop_group(group);
	return count;
}
