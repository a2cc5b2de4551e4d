-- CreateTable
CREATE TABLE "images" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT,
    "status" TEXT NOT NULL,
    "visibility" TEXT NOT NULL DEFAULT 'shared',
    "protected" BOOLEAN NOT NULL DEFAULT false,
    "os_hidden" BOOLEAN NOT NULL DEFAULT false,
    "owner" TEXT,
    "disk_format" TEXT,
    "container_format" TEXT,
    "min_disk" INTEGER NOT NULL DEFAULT 0,
    "min_ram" INTEGER NOT NULL DEFAULT 0,
    "size" BIGINT,
    "virtual_size" BIGINT,
    "checksum" TEXT,
    "os_hash_algo" TEXT,
    "os_hash_value" TEXT,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL,
    "deleted_at" DATETIME,
    "deleted" BOOLEAN NOT NULL DEFAULT false
);

-- CreateTable
CREATE TABLE "image_properties" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "image_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "value" TEXT,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL,
    "deleted_at" DATETIME,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "image_properties_image_id_fkey" FOREIGN KEY ("image_id") REFERENCES "images" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "image_tags" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "image_id" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL,
    "deleted_at" DATETIME,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "image_tags_image_id_fkey" FOREIGN KEY ("image_id") REFERENCES "images" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "image_locations" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "image_id" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "meta_data" TEXT NOT NULL,
    "store" TEXT,
    "status" TEXT NOT NULL DEFAULT 'active',
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL,
    "deleted_at" DATETIME,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "image_locations_image_id_fkey" FOREIGN KEY ("image_id") REFERENCES "images" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "image_members" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "image_id" TEXT NOT NULL,
    "member" TEXT NOT NULL,
    "can_share" BOOLEAN NOT NULL DEFAULT false,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL,
    "deleted_at" DATETIME,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "image_members_image_id_fkey" FOREIGN KEY ("image_id") REFERENCES "images" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- CreateTable
CREATE TABLE "transfers" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "image_id" TEXT NOT NULL,
    "store" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "holder" TEXT,
    "job_id" TEXT NOT NULL,
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "outbox" (
    "seq" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "queue" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "created_at" DATETIME NOT NULL,
    "published_at" DATETIME,
    "attempts" INTEGER NOT NULL DEFAULT 0
);

-- CreateTable
CREATE TABLE "tokens" (
    "hash" TEXT NOT NULL PRIMARY KEY,
    "expires_at" DATETIME NOT NULL,
    "body" TEXT NOT NULL
);

-- CreateIndex
CREATE INDEX "images_deleted_os_hidden_created_at_id_idx" ON "images"("deleted", "os_hidden", "created_at", "id");

-- CreateIndex
CREATE INDEX "images_deleted_visibility_os_hidden_created_at_id_idx" ON "images"("deleted", "visibility", "os_hidden", "created_at", "id");

-- CreateIndex
CREATE INDEX "images_deleted_owner_created_at_id_idx" ON "images"("deleted", "owner", "created_at", "id");

-- CreateIndex
CREATE INDEX "images_deleted_updated_at_created_at_id_idx" ON "images"("deleted", "updated_at", "created_at", "id");

-- CreateIndex
CREATE INDEX "images_deleted_name_created_at_id_idx" ON "images"("deleted", "name", "created_at", "id");

-- CreateIndex
CREATE INDEX "images_deleted_size_created_at_id_idx" ON "images"("deleted", "size", "created_at", "id");

-- CreateIndex
CREATE INDEX "images_deleted_status_idx" ON "images"("deleted", "status");

-- CreateIndex
CREATE INDEX "images_checksum_idx" ON "images"("checksum");

-- CreateIndex
CREATE INDEX "images_os_hash_value_idx" ON "images"("os_hash_value");

-- CreateIndex
CREATE INDEX "image_properties_name_value_idx" ON "image_properties"("name", "value");

-- CreateIndex
CREATE UNIQUE INDEX "image_properties_image_id_name_key" ON "image_properties"("image_id", "name");

-- CreateIndex
CREATE INDEX "image_tags_value_image_id_idx" ON "image_tags"("value", "image_id");

-- CreateIndex
CREATE UNIQUE INDEX "image_tags_image_id_value_key" ON "image_tags"("image_id", "value");

-- CreateIndex
CREATE INDEX "image_locations_image_id_idx" ON "image_locations"("image_id");

-- CreateIndex
CREATE INDEX "image_locations_store_deleted_id_idx" ON "image_locations"("store", "deleted", "id");

-- CreateIndex
CREATE INDEX "image_locations_value_idx" ON "image_locations"("value");

-- CreateIndex
CREATE INDEX "image_members_member_deleted_status_idx" ON "image_members"("member", "deleted", "status");

-- CreateIndex
CREATE UNIQUE INDEX "image_members_image_id_member_key" ON "image_members"("image_id", "member");

-- CreateIndex
CREATE INDEX "transfers_image_id_idx" ON "transfers"("image_id");

-- CreateIndex
CREATE INDEX "transfers_expires_at_idx" ON "transfers"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_id_key" ON "outbox"("id");

-- CreateIndex
CREATE INDEX "outbox_published_at_seq_idx" ON "outbox"("published_at", "seq");

-- CreateIndex
CREATE INDEX "tokens_expires_at_idx" ON "tokens"("expires_at");
