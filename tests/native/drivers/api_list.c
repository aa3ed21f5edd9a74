// SPDX-License-Identifier: GPL-2.0-only
/* Lists, hash tables, and reading them under RCU. */
#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include "check.h"

struct item {
	int value;
	struct list_head node;
	struct hlist_node link;
	struct rcu_head rcu;
};

static LIST_HEAD(items);
static DEFINE_HASHTABLE(table, 3);

static int sum(void)
{
	struct item *item;
	int n = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(item, &items, node) n = n * 10 + item->value;
	rcu_read_unlock();
	return n;
}

static void lists(void)
{
	struct item v[3] = {{.value = 1}, {.value = 2}, {.value = 3}}, *item, *next;
	LIST_HEAD(other);

	list_add_tail(&v[0].node, &items);
	list_add_tail(&v[1].node, &items);
	list_add(&v[2].node, &items);
	CHECK(sum() == 312 && !list_empty(&items) && list_is_last(&v[1].node, &items));
	list_move_tail(&v[2].node, &items);
	CHECK(sum() == 123);
	CHECK(list_first_entry(&items, struct item, node) == &v[0]);
	list_for_each_entry_safe(item, next, &items, node)
		if (item->value == 2)
			list_del(&item->node);
	CHECK(sum() == 13 && v[1].node.next == LIST_POISON1);
	list_add(&v[1].node, &other);
	list_splice_init(&other, &items);
	CHECK(sum() == 213 && list_empty(&other));
	list_for_each_entry_reverse(item, &items, node) CHECK(item->value > 0);
	INIT_LIST_HEAD(&items);
}

static void hash(void)
{
	struct item v[4], *item;
	struct hlist_node *next;
	int bucket, found = 0;

	hash_init(table);
	for (int i = 0; i < 4; i++) {
		v[i].value = i;
		hash_add(table, &v[i].link, v[i].value);
	}
	hash_for_each_possible(table, item, link, 2) found += item->value == 2;
	CHECK(found == 1);
	hash_for_each_safe(table, bucket, next, item, link) hash_del(&item->link);
	hash_for_each(table, bucket, item, link) CHECK(false);
	CHECK(!hash_hashed(&v[0].link));
}

static int called;

static void on_rcu(struct rcu_head *head)
{
	struct item *item = container_of(head, struct item, rcu);

	CHECK(in_softirq() && !in_task());
	called += item->value;
	kfree(item);
}

static void rcu(void)
{
	struct item *a = kzalloc(sizeof(*a), GFP_KERNEL), *b = kzalloc(sizeof(*b), GFP_KERNEL);

	if (!a || !b)
		return;
	a->value = 5;
	call_rcu(&a->rcu, on_rcu);
	kfree_rcu(b, rcu);
	CHECK(called == 0);
	synchronize_rcu();
	CHECK(called == 5);
	b = kzalloc(sizeof(*b), GFP_KERNEL);
	if (b)
		kfree_rcu(b, rcu); /* freed when the run is settled */
	rcu_read_lock();
	CHECK(rcu_read_lock_held());
	rcu_read_unlock();
}

static void all(void)
{
	lists();
	hash();
	rcu();
}

CHECKED_DRIVER(all);
